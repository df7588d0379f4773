package io.attune.indexer;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.attune.document.Document;
import io.attune.document.NdArray;
import io.attune.proto.docarray.DocumentProto;
import java.util.List;
import org.junit.jupiter.api.Test;

class OwnMarkTest {
  private static Document document(float x) {
    Document document = Document.ofText("a").id("a").embedding(NdArray.of(new float[] {x, 1}), "s");
    document
        .chunks()
        .add(Document.ofText("c").id("c").embedding(NdArray.of(new float[] {x, 2}), "s"));
    return document;
  }

  @Test
  void namesThePathsOfUnmarkedVectors() {
    assertThat(OwnMark.paths(OwnMark.mark(document(1).toProto(), List.of("", "0"))))
        .containsExactly("", "0");
    assertThat(OwnMark.mark(document(1).toProto(), List.of())).isEqualTo(document(1).toProto());
  }

  @Test
  void staysWithAVectorThatComesAgainAndGoesWithAnotherOne() {
    DocumentProto own = OwnMark.mark(document(1).toProto(), List.of("", "0"));
    assertThat(OwnMark.paths(OwnMark.mark(own, List.of()))).containsExactly("", "0");
    DocumentProto changed =
        Document.from(own).embedding(NdArray.of(new float[] {9, 9}), "s").toProto();
    assertThat(OwnMark.paths(OwnMark.mark(changed, List.of()))).containsExactly("0");
    DocumentProto bare = own.toBuilder().clearChunks().clearEmbedding().build();
    assertThat(OwnMark.mark(bare, List.of()).getMetadata().getFieldsMap())
        .doesNotContainKey(OwnMark.KEY);
  }

  @Test
  void whatOthersWriteThereIsDropped() {
    ListValue.Builder odd = ListValue.newBuilder();
    for (String entry :
        List.of(
            "",
            "x",
            "00000000:",
            "00000000:0",
            "00000000:7",
            "00000000:0/0",
            "00000000:-1",
            "00000000:99999999999",
            "00000000:0//1",
            "00000000:a")) {
      odd.addValues(Value.newBuilder().setStringValue(entry));
    }
    odd.addValues(Value.newBuilder().setNumberValue(3));
    DocumentProto hostile =
        document(1).toProto().toBuilder()
            .setMetadata(
                Struct.newBuilder()
                    .putFields(OwnMark.KEY, Value.newBuilder().setListValue(odd).build()))
            .build();
    assertThat(OwnMark.mark(hostile, List.of()).getMetadata().getFieldsMap())
        .doesNotContainKey(OwnMark.KEY);
    assertThat(OwnMark.paths(OwnMark.mark(hostile, List.of("0")))).containsExactly("0");
  }
}
