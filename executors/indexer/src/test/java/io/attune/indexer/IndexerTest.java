package io.attune.indexer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.protobuf.Struct;
import io.attune.document.Document;
import io.attune.document.DocumentArray;
import io.attune.document.NdArray;
import io.attune.document.Score;
import io.attune.runtime.Access;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IndexerTest {
  private static final String SPACE = "test@1";

  @TempDir Path workspace;
  private IndexerHarness indexer;

  @BeforeEach
  void open() {
    indexer = new IndexerHarness(workspace);
  }

  @AfterEach
  void close() {
    indexer.close();
  }

  private static Document document(String id, float... vector) {
    return Document.ofText("text of " + id).id(id).embedding(NdArray.of(vector), SPACE);
  }

  private static DocumentArray ids(String... ids) {
    DocumentArray documents = DocumentArray.of();
    for (String id : ids) {
      documents.add(Document.create().id(id));
    }
    return documents;
  }

  @Test
  void findsWhatWasIndexedRightAfterTheAnswer() throws Exception {
    indexer.index(document("a", 1, 0), document("b", 0, 1));
    DocumentArray matches = indexer.search(document("q", 1, 0.1f));
    assertThat(matches).extracting(Document::id).containsExactly("a", "b");
    assertThat(matches.getFirst().text()).isEqualTo("text of a");
    assertThat(matches.getFirst().hasEmbedding()).isFalse();
    float distance = 1 - 0.1f / (float) Math.sqrt(1.01);
    assertThat(matches.get(1).scores()).containsOnlyKeys("cosine");
    assertThat(matches.get(1).scores().values())
        .extracting(Score::value)
        .satisfiesExactly(value -> assertThat(value).isCloseTo(distance, within(1e-5f)));
  }

  @Test
  void answersEmbeddingsWhereAsked() throws Exception {
    indexer.index(document("a", 3, 4));
    Document match = indexer.search(document("q", 1, 0), "include_embeddings", true).getFirst();
    assertThat(match.embedding().orElseThrow().floats())
        .containsExactly(new float[] {3, 4}, within(1e-6f));
    assertThat(match.embeddingSpace()).contains(SPACE);
  }

  @Test
  void keepsEverythingOverARestart() throws Exception {
    indexer.index(document("a", 1, 0), document("b", 0, 1));
    indexer.call("/delete", ids("b"));
    indexer.close();
    indexer = new IndexerHarness(workspace);
    assertThat(indexer.search(document("q", 1, 0))).extracting(Document::id).containsExactly("a");
  }

  @Test
  void updatesAndDeletesReportUnknownIds() throws Exception {
    indexer.index(document("a", 1, 0));
    var updated =
        indexer.call("/update", DocumentArray.of(document("a", 0, 1), document("x", 1, 0)));
    assertThat(updated.results().getFieldsOrThrow("updated").getNumberValue()).isEqualTo(1);
    assertThat(updated.results().getFieldsOrThrow("unknown").getListValue().getValues(0))
        .extracting(value -> value.getStringValue())
        .isEqualTo("x");
    var deleted = indexer.call("/delete", ids("a", "y"));
    assertThat(deleted.results().getFieldsOrThrow("deleted").getNumberValue()).isEqualTo(1);
    assertThat(deleted.results().getFieldsOrThrow("unknown").getListValue().getValues(0))
        .extracting(value -> value.getStringValue())
        .isEqualTo("y");
    assertThat(indexer.search(document("q", 1, 0))).isEmpty();
  }

  @Test
  void anIndexThatWasClearedTakesAnotherSpace() throws Exception {
    indexer.index(document("a", 1, 0));
    indexer.call("/clear", ids());
    indexer.index(
        Document.create().id("b").embedding(NdArray.of(new float[] {1, 2, 3}), "other@1"));
    indexer.close();
    indexer = new IndexerHarness(workspace);
    Document query = Document.create().embedding(NdArray.of(new float[] {1, 2, 3}), "other@1");
    assertThat(indexer.search(query)).extracting(Document::id).containsExactly("b");
  }

  @Test
  void refusesVectorsOfAnotherSpaceOrOfNone() throws Exception {
    indexer.index(document("a", 1, 0));
    Document other = Document.create().id("b").embedding(NdArray.of(new float[] {1, 0}), "other@1");
    assertThatThrownBy(() -> indexer.index(other))
        .hasMessage(
            "document b: embedding of space other@1 (expected: test@1, which the index holds)");
    assertThatThrownBy(() -> indexer.search(other)).hasMessageContaining("other@1");
    Document unmarked = Document.create().id("c").embedding(NdArray.of(new float[] {1, 0}));
    assertThatThrownBy(() -> indexer.index(unmarked)).hasMessageContaining("unknown space");
    indexer.call("/index", DocumentArray.of(unmarked), "space", SPACE);
    assertThat(indexer.search(document("q", 1, 0))).hasSize(2);
  }

  @Test
  void refusesVectorsThatCannotBeCompared() throws Exception {
    indexer.index(document("a", 1, 0));
    assertThatThrownBy(() -> indexer.index(document("b", 1, Float.NaN)))
        .hasMessage("document b: embedding holds NaN at 1 (expected: finite numbers)");
    assertThatThrownBy(() -> indexer.index(document("b", 1, 0, 0)))
        .hasMessage("document b: embedding of dimension 3 (expected: 2)");
    assertThatThrownBy(() -> indexer.index(document("b", 0, 0))).hasMessageContaining("zero");
    assertThatThrownBy(() -> indexer.index(document("b", 1e30f, 0))).hasMessageContaining("length");
    assertThatThrownBy(() -> indexer.index(Document.ofText("no vector").id("b")))
        .hasMessageContaining("document b: no embedding");
    assertThatThrownBy(() -> indexer.search(document("q", 1, 0, 0)))
        .hasMessageContaining("dimension 3");
    assertThat(indexer.search(document("q", 1, 0))).hasSize(1);
  }

  @Test
  void aRequestIsStoredAsAWholeOrNotAtAll() throws Exception {
    assertThatThrownBy(() -> indexer.index(document("a", 1, 0), document("b", Float.NaN, 0)))
        .hasMessageContaining("document b");
    assertThat(indexer.search(document("q", 1, 0))).isEmpty();
  }

  @Test
  void filtersSearchesAndDocuments() throws Exception {
    for (int i = 0; i < 9; i++) {
      indexer.index(document("d" + i, 1, i).tag("n", i));
    }
    Struct filter =
        IndexerHarness.parameters("tags__n", IndexerHarness.parameters("$gte", 6).struct())
            .struct();
    assertThat(indexer.search(document("q", 1, 0), "filter", filter, "limit", 2))
        .extracting(Document::id)
        .containsExactly("d6", "d7");
    assertThat(
            indexer
                .call("/filter", ids(), "filter", filter, "offset", 1, "include_embeddings", true)
                .documents())
        .extracting(document -> document.id() + document.embeddingSpace().orElse(""))
        .containsExactly("d7" + SPACE, "d8" + SPACE);
    Struct wrong =
        IndexerHarness.parameters("nothing", IndexerHarness.parameters("$gte", 6).struct())
            .struct();
    assertThatThrownBy(() -> indexer.call("/filter", ids(), "filter", wrong))
        .hasMessageStartingWith("filter: ");
  }

  @Test
  void searchesChunksAndNamesTheBest() throws Exception {
    Document chunked =
        Document.ofText("long").id("a").embedding(NdArray.of(new float[] {0, 1}), SPACE);
    chunked.chunks().add(document("c0", 1, 1));
    chunked.chunks().add(document("c1", 1, 0));
    indexer.index(chunked, document("b", 1, 0.5f));
    Document best = indexer.search(document("q", 1, 0)).getFirst();
    assertThat(best.id()).isEqualTo("a");
    assertThat(best.scores().values()).extracting(Score::refId).containsExactly("c1");
    assertThat(indexer.search(document("q", 1, 0), "on", "@r"))
        .extracting(Document::id)
        .containsExactly("b", "a");
    assertThat(indexer.search(document("q", 1, 0), "on", "@c"))
        .extracting(Document::id)
        .containsExactly("a");
    assertThatThrownBy(() -> indexer.search(document("q", 1, 0), "on", "chunks"))
        .hasMessage("on: chunks (expected: @r, @c, @cc or several as @r,c)");
  }

  @Test
  void saysWhatItHolds() throws Exception {
    indexer.index(document("a", 1, 0), document("b", 0, 1));
    Struct status = indexer.call("/status", ids()).results();
    assertThat(status.getFieldsOrThrow("documents").getNumberValue()).isEqualTo(2);
    assertThat(status.getFieldsOrThrow("generations").getListValue().getValues(0).getStructValue())
        .satisfies(generation -> {
          assertThat(generation.getFieldsOrThrow("space").getStringValue()).isEqualTo(SPACE);
          assertThat(generation.getFieldsOrThrow("dimension").getNumberValue()).isEqualTo(2);
        });
    indexer.search(document("q", 1, 0));
    assertThat(indexer.meters.get("attune_index_documents").gauge().value()).isEqualTo(2);
    assertThat(indexer.meters.get("attune_index_queries").counter().count()).isEqualTo(1);
    assertThat(indexer.meters.get("attune_index_visited").counter().count()).isEqualTo(2);
    assertThat(indexer.meters.get("attune_index_search").timer().count()).isEqualTo(1);
  }

  @Test
  void isSettledOnceEverythingIsCommitted() throws Exception {
    indexer.close();
    indexer = new IndexerHarness(workspace, "commit_interval_ms", 3_600_000);
    indexer.index(document("a", 1, 0));
    assertThat(isSettled()).isFalse();
    indexer.close();
    indexer = new IndexerHarness(workspace, "commit_interval_ms", 10);
    indexer.index(document("b", 0, 1));
    while (!isSettled()) {
      Thread.onSpinWait();
    }
  }

  private boolean isSettled() throws Exception {
    return indexer
        .call("/status", ids())
        .results()
        .getFieldsOrThrow("generations")
        .getListValue()
        .getValues(0)
        .getStructValue()
        .getFieldsOrThrow("settled")
        .getBoolValue();
  }

  @Test
  void declaresWhoMayCallWhat() {
    assertThat(indexer.access)
        .containsEntry("/search", Access.READ)
        .containsEntry("/filter", Access.READ)
        .containsEntry("/status", Access.READ)
        .containsEntry("/index", Access.WRITE)
        .containsEntry("/update", Access.WRITE)
        .containsEntry("/delete", Access.WRITE)
        .containsEntry("/clear", Access.WRITE)
        .hasSize(7);
  }

  @Test
  void refusesToOpenWithAnotherMetric() throws Exception {
    indexer.index(document("a", 1, 0));
    indexer.close();
    assertThatThrownBy(() -> new IndexerHarness(workspace, "metric", "dot"))
        .hasMessageContaining("metric: dot (expected: cosine, which the index was made with");
    assertThatThrownBy(() -> new IndexerHarness(workspace, "dimension", 3))
        .hasMessageContaining("dimension: 3 (expected: 2");
    assertThatThrownBy(() -> new IndexerHarness(workspace, "quantize", "int8"))
        .hasMessageContaining("quantize: int8 (expected: none, which the index was made with");
    assertThatThrownBy(() -> new IndexerHarness(workspace, "shards", 2))
        .hasMessageContaining("shard");
    indexer = new IndexerHarness(workspace);
  }

  @Test
  void refusesASecondIndexerOnTheFolder() {
    assertThatThrownBy(() -> new IndexerHarness(workspace)).hasMessageContaining("in use");
  }
}
