package io.attune.document;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.attune.proto.docarray.DocumentProto;
import io.attune.proto.docarray.DocumentProto.ContentCase;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DocumentTest {
  private static Document full() {
    Document deep = Document.create().id("deep").text("d");
    Document chunk = Document.create().id("chunk").text("c").chunks(List.of(deep));
    return Document.create()
        .id("full")
        .parentId("parent")
        .granularity(1)
        .adjacency(2)
        .text("t")
        .mimeType("text/plain")
        .weight(0.5f)
        .uri("data:,x")
        .tag("n", 5)
        .offset(1.5f)
        .location(List.of(1f, 2.5f))
        .modality("m")
        .embedding(NdArray.of(new float[] {0.25f, -1.5f}))
        .score("cosine", new Score(0.25f, "cosine", "d", "r"))
        .evaluation("ndcg", Score.of(0.75))
        .chunks(List.of(chunk))
        .matches(List.of(Document.create().id("match").adjacency(1)));
  }

  @Test
  void writesTheBytesThatDocarrayWrites() {
    Document golden = Golden.array("documents.bin").find("full").orElseThrow();

    assertThat(full().toProto().toByteArray()).isEqualTo(golden.toProto().toByteArray());
  }

  @Test
  void readsEveryFieldThatDocarrayWrote() {
    Document document = Golden.array("documents.bin").find("full").orElseThrow();

    assertThat(document.parentId()).isEqualTo("parent");
    assertThat(document.granularity()).isEqualTo(1);
    assertThat(document.adjacency()).isEqualTo(2);
    assertThat(document.text()).isEqualTo("t");
    assertThat(document.mimeType()).isEqualTo("text/plain");
    assertThat(document.weight()).isEqualTo(0.5f);
    assertThat(document.uri()).isEqualTo("data:,x");
    assertThat(document.tag("n").orElseThrow().getNumberValue()).isEqualTo(5);
    assertThat(document.offset()).isEqualTo(1.5f);
    assertThat(document.location()).containsExactly(1f, 2.5f);
    assertThat(document.modality()).isEqualTo("m");
    assertThat(document.embedding().orElseThrow().floats()).containsExactly(0.25f, -1.5f);
    assertThat(document.scores())
        .containsEntry("cosine", new Score(0.25f, "cosine", "d", "r"))
        .hasSize(1);
    assertThat(document.evaluations()).containsEntry("ndcg", Score.of(0.75));
    assertThat(document.chunks().getFirst().chunks().getFirst().text()).isEqualTo("d");
    assertThat(document.matches().getFirst().id()).isEqualTo("match");
  }

  @Test
  void whatIsReadIsWrittenByteForByte() throws InvalidProtocolBufferException {
    for (String name : List.of("documents.bin", "tensors.bin", "tree.bin", "file_documents.bin")) {
      assertThat(Golden.array(name).toProto().toByteArray()).isEqualTo(Golden.bytes(name));
    }
    for (Document document : Golden.array("tree.bin")) {
      DocumentProto before = document.toProto();
      assertThat(document.chunks().size() + document.matches().size()).isNotNegative();
      assertThat(document.toProto()).isEqualTo(before); // though its children were wrapped
    }
  }

  @Test
  void anIdIs32HexCharacters() {
    Set<String> ids = new HashSet<>();
    for (int i = 0; i < 1_000; i++) {
      assertThat(Document.create().id()).matches("[0-9a-f]{32}");
      ids.add(Document.newId());
    }
    assertThat(ids).hasSize(1_000);
  }

  @Test
  void aMessageWithoutAnIdGetsOne() {
    assertThat(Document.from(DocumentProto.getDefaultInstance()).id()).matches("[0-9a-f]{32}");
  }

  @Test
  void contentsExcludeEachOther() {
    Document document = Document.ofText("text").blob(ByteString.copyFromUtf8("blob"));
    assertThat(document.text()).isEmpty();
    assertThat(document.contentCase()).isEqualTo(ContentCase.BLOB);

    document.tensor(NdArray.of(new float[] {1}));
    assertThat(document.blob()).isEmpty();
    assertThat(document.hasTensor()).isTrue();

    document.text("again");
    assertThat(document.tensor()).isEmpty();
    assertThat(document.contentCase()).isEqualTo(ContentCase.TEXT);
  }

  @Test
  void aCopyIsADocumentOfItsOwn() {
    Document original = full();
    Document copy = original.copy();
    copy.text("changed").tag("n", 6).chunks().getFirst().text("changed");
    copy.chunks().add(Document.create());

    assertThat(original.text()).isEqualTo("t");
    assertThat(original.tag("n").orElseThrow().getNumberValue()).isEqualTo(5);
    assertThat(original.chunks()).hasSize(1);
    assertThat(original.chunks().getFirst().text()).isEqualTo("c");
  }

  @Test
  void theMessageDoesNotChangeAfterwards() {
    Document document = full();
    DocumentProto before = document.toProto();
    document.text("changed").matches().getFirst().text("changed");

    assertThat(before.getText()).isEqualTo("t");
    assertThat(before.getMatches(0).getText()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\0", "\ud83d\ude00", "\uFEFF", "e\u0301"})
  void anyTextIsKept(String text) throws InvalidProtocolBufferException {
    byte[] bytes = Document.ofText(text).tag(text, text).toProto().toByteArray();
    Document read = Document.from(DocumentProto.parseFrom(bytes));

    assertThat(read.text()).isEqualTo(text);
    assertThat(read.tag(text).orElseThrow().getStringValue()).isEqualTo(text);
  }

  @Test
  void setFieldsAreInDocarraysOrder() {
    assertThat(full().setFields())
        .containsExactly(
            "id",
            "parent_id",
            "granularity",
            "adjacency",
            "mime_type",
            "text",
            "weight",
            "uri",
            "tags",
            "offset",
            "location",
            "embedding",
            "modality",
            "evaluations",
            "scores",
            "chunks",
            "matches");
  }
}
