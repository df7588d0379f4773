package io.attune.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.Value;
import io.attune.document.json.DocumentJson;
import io.attune.document.json.DocumentJson.Unknown;
import io.attune.document.json.DocumentJson.Unset;
import io.attune.document.json.JsonFormatException;
import io.attune.proto.docarray.DocumentArrayProto;
import io.attune.proto.docarray.DocumentProto;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Messages that are damaged, or made to do harm.
class HostileMessageTest {
  private static final int ROUNDS = 2_000;

  /// A document in a document and so on, as bytes: the message cannot be built so deep.
  private static ByteString nested(int fieldNumber, int depth) {
    ByteString inner = DocumentProto.newBuilder().setId("deep").build().toByteString();
    for (int i = 0; i < depth; i++) {
      DocumentProto.Builder outer = DocumentProto.newBuilder();
      outer.setUnknownFields(
          UnknownFieldSet.newBuilder()
              .addField(
                  fieldNumber, UnknownFieldSet.Field.newBuilder().addLengthDelimited(inner).build())
              .build());
      inner = outer.build().toByteString();
    }
    return inner;
  }

  @ParameterizedTest
  @ValueSource(ints = {DocumentProto.CHUNKS_FIELD_NUMBER, DocumentProto.MATCHES_FIELD_NUMBER})
  void refusesDocumentsNestedTooDeeply(int field) {
    for (int depth : new int[] {101, 1_000, 5_000}) {
      ByteString bytes = nested(field, depth);
      assertThatThrownBy(() -> DocumentProto.parseFrom(bytes))
          .isInstanceOf(InvalidProtocolBufferException.class)
          .hasMessageContaining("nest");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {DocumentProto.CHUNKS_FIELD_NUMBER, DocumentProto.MATCHES_FIELD_NUMBER})
  void handlesWhatIsNestedAsDeeplyAsCanBe(int field) throws InvalidProtocolBufferException {
    DocumentProto message = DocumentProto.parseFrom(nested(field, 100));
    String path = field == DocumentProto.CHUNKS_FIELD_NUMBER ? "c" : "m";

    handle(message);
    assertThat(DocumentArray.of(Document.from(message)).traverseFlat("@" + path.repeat(100)))
        .extracting(Document::id)
        .containsExactly("deep");
    String json = DocumentJson.toJson(message, Unset.OMIT);
    assertThatThrownBy(() -> DocumentJson.fromJson(json, Unknown.REFUSE))
        .isInstanceOf(JsonFormatException.class)
        .hasMessageContaining("nested deeper than 32");
  }

  @Test
  void refusesToWriteWhatNobodyCouldParse() throws InvalidProtocolBufferException {
    Document root = Document.create().id("deepest");
    for (int i = 0; i < 100; i++) {
      root = Document.create().id("d" + i).chunks(List.of(root));
    }
    assertThat(DocumentProto.parseFrom(root.toProto().toByteArray())).isEqualTo(root.toProto());

    Document deeper = Document.create().matches(List.of(root));
    assertThatThrownBy(deeper::toProto)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "document deepest: nested deeper than 100 (expected: at most 100 levels of chunks and matches)");
    Document own = Document.create().id("own");
    own.matches().add(own);
    assertThatThrownBy(own::toProto)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith("document own: nested deeper than 100");
  }

  @Test
  void refusesTagsNestedTooDeeply() {
    Struct tags =
        Struct.newBuilder().putFields("x", Value.newBuilder().setBoolValue(true).build()).build();
    for (int i = 0; i < 60; i++) {
      tags =
          Struct.newBuilder()
              .putFields("x", Value.newBuilder().setStructValue(tags).build())
              .build();
    }
    byte[] bytes = DocumentProto.newBuilder().setTags(tags).build().toByteArray();

    assertThatThrownBy(() -> DocumentProto.parseFrom(bytes))
        .isInstanceOf(InvalidProtocolBufferException.class);
  }

  @Test
  void refusesTextThatIsNoUtf8() {
    byte[] bytes = DocumentProto.newBuilder().setText("ab").build().toByteArray();
    bytes[bytes.length - 1] = (byte) 0xFF;

    assertThatThrownBy(() -> DocumentProto.parseFrom(bytes))
        .isInstanceOf(InvalidProtocolBufferException.class);
  }

  /// What the wire allows but nobody writes: an array of nothing, an embedding of another shape.
  @Test
  void anUnreadableVectorDoesNoHarmUntilItIsAskedFor() {
    Document document = Golden.array("tensors.bin").find("f4").orElseThrow();
    DocumentProto.Builder message = document.toProto().toBuilder();
    message.getTensorBuilder().getDenseBuilder().setShape(0, 1 << 20);
    message.setEmbedding(message.getTensor());
    Document hostile = Document.from(message.build());

    assertThat(hostile.toProto()).isEqualTo(message.build());
    assertThat(hostile.embeddingShape().orElseThrow()).containsExactly(1 << 20, 3);
    assertThat(hostile.embeddingSpace()).isEmpty();
    assertThat(DocumentArray.of(hostile).summary()).contains("ndarray");
    assertThatThrownBy(hostile::embedding)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("buffer: 24 bytes (expected: 12582912 for shape [1048576, 3] of <f4)");
    assertThatThrownBy(() -> DocumentJson.toJson(hostile.toProto(), Unset.OMIT))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "documents.bin",
        "tensors.bin",
        "tree.bin",
        "summary_mixed.bin",
        "reduce_left.bin"
      })
  void damageIsRefusedOrHandled(String name) {
    byte[] golden = Golden.bytes(name);
    Random random = new Random(5);
    int refused = 0;
    for (int round = 0; round < ROUNDS; round++) {
      byte[] damaged = damage(golden, random);
      try {
        refused += handles(damaged) ? 0 : 1;
      } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
        fail("round %d of %s".formatted(round, name), e);
      }
    }
    assertThat(refused).isBetween(1, ROUNDS - 1);
  }

  /// Whether bytes are messages of documents.
  private static boolean handles(byte[] bytes) {
    try {
      for (DocumentProto document : DocumentArrayProto.parseFrom(bytes).getDocsList()) {
        handle(document);
      }
      return true;
    } catch (InvalidProtocolBufferException _) {
      return false;
    }
  }

  private static byte[] damage(byte[] golden, Random random) {
    byte[] damaged =
        random.nextInt(4) == 0
            ? Arrays.copyOf(golden, random.nextInt(golden.length))
            : golden.clone();
    for (int flips = random.nextInt(4); flips > 0 && damaged.length > 0; flips--) {
      int at = random.nextInt(damaged.length);
      damaged[at] =
          (byte) (random.nextBoolean() ? random.nextInt() : damaged[at] ^ 1 << random.nextInt(8));
    }
    return damaged;
  }

  /// Does what Attune does to documents. Only reading a vector, and JSON of one, may refuse.
  private static void handle(DocumentProto message) throws InvalidProtocolBufferException {
    Document document = Document.from(message).id("root"); // one that is gone would be replaced
    DocumentArray array = DocumentArray.of(document);
    assertThat(array.summary()).isNotEmpty();
    assertThat(array.traverseFlat("@r,c,m,cm,mc[0:2]")).isNotEmpty();
    assertThat(document.scores()).hasSize(message.getScoresCount());
    assertThat(document.embeddingSpace()).isNotNull();
    readVectors(document);
    DocumentProto written = document.toProto();
    assertThat(DocumentProto.parseFrom(written.toByteArray())).isEqualTo(written);
    assertThat(Document.from(message).merge(document.copy()).chunkCount())
        .isGreaterThanOrEqualTo(document.chunkCount());
    assertThat(array.merge(List.of(document.copy()))).hasSize(1);
  }

  private static void readVectors(Document document) {
    try {
      document.tensor().ifPresent(NdArray::floats);
      document.embedding().ifPresent(NdArray::longs);
      assertThat(DocumentJson.toJson(document.toProto(), Unset.NULL)).startsWith("{");
    } catch (IllegalArgumentException e) {
      assertThat(e.getMessage()).contains("(expected: ");
    }
  }
}
