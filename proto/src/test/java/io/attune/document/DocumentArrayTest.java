package io.attune.document;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DocumentArrayTest {
  @ParameterizedTest
  @ValueSource(strings = {"texts", "empty", "single", "mixed", "marked", "types", "multimodal"})
  void summaryIsDocarrays(String name) {
    assertThat(Golden.array("summary_" + name + ".bin").summary())
        .isEqualTo(Golden.text("summary_" + name + ".txt"));
  }

  @Test
  void mergesAsDocarrayReduces() {
    DocumentArray merged = Golden.array("reduce_left.bin").merge(Golden.array("reduce_right.bin"));

    assertThat(merged.toProto()).isEqualTo(Golden.array("reduce_result.bin").toProto());
  }

  @Test
  void mergingTakesTheMarkWithTheVector() {
    Document marked = Document.create().id("a").embedding(NdArray.of(new float[] {1}), "s");

    DocumentArray merged =
        DocumentArray.of(Document.create().id("a")).merge(DocumentArray.of(marked));

    assertThat(merged.getFirst().embeddingSpace()).contains("s");
  }

  @Test
  void mergingKeepsTheVectorAndTheMarkThatAreThere() {
    Document mine = Document.create().id("a").embedding(NdArray.of(new float[] {1}), "mine");
    Document other = Document.create().id("a").embedding(NdArray.of(new float[] {2}), "other");

    assertThat(mine.merge(other).embeddingSpace()).contains("mine");
    assertThat(mine.embedding().orElseThrow().floats()).containsExactly(1);
  }

  @Test
  void chunksAndMatchesKnowWhereTheyHang() {
    Document root = Document.create().id("root");
    Document chunk = Document.create();
    root.chunks().add(chunk);
    chunk.chunks().add(Document.create());
    root.matches().add(Document.create());

    assertThat(chunk.parentId()).isEqualTo("root");
    assertThat(chunk.granularity()).isEqualTo(1);
    assertThat(chunk.chunks().getFirst().granularity()).isEqualTo(2);
    assertThat(root.matches().getFirst().adjacency()).isEqualTo(1);
    assertThat(root.matches().getFirst().parentId()).isEmpty();
  }

  @Test
  void changesToNestedArraysReachTheMessage() {
    Document root = Document.create().id("root").chunks(DocumentArray.of(Document.ofText("a")));

    root.chunks().getFirst().chunks().add(Document.ofText("b"));
    root.chunks().add(Document.ofText("c"));
    root.chunks().remove(0);

    assertThat(root.toProto().getChunksList()).extracting("text").containsExactly("c");
    assertThat(root.copy().chunks()).hasSize(1);
  }

  @Test
  void findsTheFirstOfAnId() {
    DocumentArray array =
        DocumentArray.of(Document.create().id("a").text("1"), Document.create().id("a").text("2"));

    assertThat(array.find("a").orElseThrow().text()).isEqualTo("1");
    assertThat(array.find("b")).isEmpty();
  }
}
