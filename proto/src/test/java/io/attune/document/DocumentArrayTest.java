package io.attune.document;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.proto.docarray.DocumentArrayProto;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
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
  void mergesRandomArraysAsDocarrayReduces() throws IOException {
    List<DocumentArrayProto> messages = delimited("random_reduce.bin");
    assertThat(messages).hasSize(450);
    for (int i = 0; i < messages.size(); i += 3) {
      DocumentArray merged =
          DocumentArray.from(messages.get(i)).merge(DocumentArray.from(messages.get(i + 1)));

      assertThat(merged.toProto()).as("case %d", i / 3).isEqualTo(messages.get(i + 2));
    }
  }

  @Test
  void summariesOfRandomArraysAreDocarrays() throws IOException {
    List<DocumentArrayProto> messages = delimited("random_summary.bin");
    List<String> summaries = List.of(Golden.text("random_summary.txt").split("\f"));
    assertThat(messages).hasSameSizeAs(summaries);
    for (int i = 0; i < summaries.size(); i++) {
      assertThat(DocumentArray.from(messages.get(i)).summary())
          .as("case %d", i)
          .isEqualTo(summaries.get(i));
    }
  }

  private static List<DocumentArrayProto> delimited(String name) throws IOException {
    List<DocumentArrayProto> messages = new ArrayList<>();
    InputStream in = new ByteArrayInputStream(Golden.bytes(name));
    DocumentArrayProto message = DocumentArrayProto.parseDelimitedFrom(in);
    while (message != null) {
      messages.add(message);
      message = DocumentArrayProto.parseDelimitedFrom(in);
    }
    return messages;
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
