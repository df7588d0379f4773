package io.attune.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.attune.proto.docarray.DocumentProto;
import io.attune.proto.docarray.NdArrayProto;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SpaceMarkTest {
  private static final float[] VECTOR = {0.25f, -1.5f, 3.0f, 0.1f};

  private static Document marked() {
    return Document.create()
        .id("0".repeat(32))
        .text("hello")
        .embedding(NdArray.of(VECTOR), "minilm@1");
  }

  @Test
  void writesTheBytesThatTheGoldenScriptGaveToPython() {
    assertThat(marked().toProto().toByteArray()).isEqualTo(Golden.bytes("space_ours.bin"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"hop", "as_list", "edited", "big_endian"})
  void survivesPython(String handling) {
    assertThat(Golden.document("space_" + handling + ".bin").embeddingSpace()).contains("minilm@1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"replaced", "popped"})
  void doesNotVouchForAVectorThatPythonPutInItsPlace(String handling) {
    Document document = Golden.document("space_" + handling + ".bin");

    assertThat(document.toProto().getMetadata().getFieldsMap()).containsKey(SpaceMark.KEY);
    assertThat(document.embeddingSpace()).isEmpty();
  }

  @Test
  void anUnmarkedVectorHasNoSpace() {
    assertThat(Document.create().embedding(NdArray.of(VECTOR)).embeddingSpace()).isEmpty();
    assertThat(Document.create().embeddingSpace()).isEmpty();
  }

  @Test
  void settingAVectorWithoutASpaceRemovesTheMark() {
    Document document = marked().embedding(NdArray.of(VECTOR));

    assertThat(document.embeddingSpace()).isEmpty();
    assertThat(document.toProto().hasMetadata()).isFalse();
  }

  @Test
  void keepsForeignMetadata() {
    Value theirs = Value.newBuilder().setBoolValue(true).build();
    DocumentProto message =
        DocumentProto.newBuilder()
            .setId("a")
            .setMetadata(Struct.newBuilder().putFields("theirs", theirs))
            .build();

    Document document = Document.from(message).embedding(NdArray.of(VECTOR), "s").clearEmbedding();

    assertThat(document.toProto()).isEqualTo(message);
  }

  @Test
  void marksEveryElementType() {
    Document document = Document.create().embedding(NdArray.of(new double[] {1, 2.5}), "s");

    assertThat(document.embeddingSpace()).contains("s");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ":", "00000000", "00000000:", "zz:s", "zzzzzzzzzzzzzzzzzzzz"})
  void aMalformedMarkIsNoMark(String mark) {
    DocumentProto.Builder message = marked().toProto().toBuilder();
    message
        .getMetadataBuilder()
        .putFields(SpaceMark.KEY, Value.newBuilder().setStringValue(mark).build());

    assertThat(Document.from(message.build()).embeddingSpace()).isEmpty();
  }

  @Test
  void aMarkThatIsNotTextIsNoMark() {
    DocumentProto.Builder message = marked().toProto().toBuilder();
    message
        .getMetadataBuilder()
        .putFields(SpaceMark.KEY, Value.newBuilder().setNumberValue(1).build());

    assertThat(Document.from(message.build()).embeddingSpace()).isEmpty();
  }

  @Test
  void anUnreadableVectorHasNoSpace() {
    DocumentProto.Builder message = marked().toProto().toBuilder();
    message.setEmbedding(NdArrayProto.newBuilder().setClsName("scipy"));

    assertThat(Document.from(message.build()).embeddingSpace()).isEmpty();
  }

  @Test
  void rejectsASpaceWithoutAName() {
    assertThatThrownBy(() -> Document.create().embedding(NdArray.of(VECTOR), " "))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("space: \" \" (expected: a name)");
  }
}
