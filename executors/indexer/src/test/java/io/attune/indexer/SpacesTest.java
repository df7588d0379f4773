package io.attune.indexer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.document.Document;
import io.attune.document.DocumentArray;
import io.attune.document.NdArray;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Every vector of a write or a query belongs to the index's space.
class SpacesTest {
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

  private void reopen(Object... with) {
    indexer.close();
    indexer = new IndexerHarness(workspace, with);
  }

  private static Document in(String space, String id, float... vector) {
    return Document.create().id(id).embedding(NdArray.of(vector), space);
  }

  private static Document unmarked(String id, float... vector) {
    return Document.create().id(id).embedding(NdArray.of(vector));
  }

  @Test
  void refusesARequestOfTwoSpacesAsAWhole() throws Exception {
    assertThatThrownBy(() -> indexer.index(in("s@1", "a", 1, 0), in("t@1", "b", 1, 0)))
        .hasMessage(
            "document b: embedding of space t@1 (expected: s@1, as the index has one space)");
    indexer.index(in("t@1", "b", 1, 0));
    reopen();
    assertThat(indexer.search(in("t@1", "q", 1, 0))).extracting(Document::id).containsExactly("b");
  }

  @Test
  void refusesARequestOfTwoDimensionsAsAWhole() throws Exception {
    assertThatThrownBy(() -> indexer.index(in("s@1", "a", 1, 0), in("s@1", "b", 1, 0, 0)))
        .hasMessage("document b: embedding of dimension 3 (expected: 2)");
    indexer.index(in("s@1", "b", 1, 0, 0));
    assertThat(indexer.search(in("s@1", "q", 1, 0, 0))).hasSize(1);
  }

  @Test
  void refusesADocumentOfTwoSpacesOrDimensions() {
    Document mixed = in("s@1", "a", 1, 0);
    mixed.chunks().add(in("t@1", "c", 1, 0));
    assertThatThrownBy(() -> indexer.index(mixed))
        .hasMessage("document a: vectors of spaces s@1 and t@1 (expected: one space)");
    Document uneven = in("s@1", "a", 1, 0);
    uneven.chunks().add(in("s@1", "c", 1, 0, 0));
    assertThatThrownBy(() -> indexer.index(uneven))
        .hasMessage("document a: embedding of dimension 3 (expected: 2)");
  }

  @Test
  void updatesAreCheckedToo() throws Exception {
    indexer.index(in("s@1", "a", 1, 0));
    for (Document wrong : new Document[] {in("t@1", "a", 1, 0), in("t@1", "new", 1, 0)}) {
      assertThatThrownBy(() -> indexer.call("/update", DocumentArray.of(wrong)))
          .hasMessageContaining("expected: s@1, which the index holds");
    }
    assertThatThrownBy(() -> indexer.call("/update", DocumentArray.of(unmarked("a", 1, 0))))
        .hasMessageContaining("unknown space");
    indexer.call("/update", DocumentArray.of(unmarked("a", 0, 1)), "space", "s@1");
    reopen();
    Document match = indexer.search(in("s@1", "q", 0, 1), "include_embeddings", true).getFirst();
    assertThat(match.embedding().orElseThrow().floats()).containsExactly(0, 1);
    assertThat(match.embeddingSpace()).contains("s@1");
  }

  @Test
  void anEmptiedIndexTakesAnotherSpaceOrDimensionAndKeepsItOverARestart() throws Exception {
    indexer.index(in("s@1", "a", 1, 0));
    indexer.call("/clear", DocumentArray.of());
    indexer.index(in("s@1", "b", 1, 0, 0));
    indexer.call("/delete", DocumentArray.of(Document.create().id("b")));
    reopen();
    indexer.index(in("t@1", "c", 1));
    assertThatThrownBy(() -> indexer.search(in("s@1", "q", 1, 0)))
        .hasMessage("document q: embedding of space s@1 (expected: t@1, which the index holds)");
    reopen();
    assertThat(indexer.search(in("t@1", "q", 1))).extracting(Document::id).containsExactly("c");
  }

  @Test
  void aConfiguredSpaceIsTheOnlyOne() throws Exception {
    indexer.close();
    indexer = new IndexerHarness(workspace, "space", "external", "dimension", 2);
    assertThatThrownBy(() -> indexer.index(in("s@1", "a", 1, 0)))
        .hasMessageContaining("expected: external");
    assertThatThrownBy(() -> indexer.index(unmarked("a", 1, 0, 0)))
        .hasMessage("document a: embedding of dimension 3 (expected: 2)");
    assertThatThrownBy(() -> indexer.search(in("s@1", "q", 1, 0)))
        .hasMessage(
            "document q: embedding of space s@1 (expected: external, which the index holds)");
    assertThat(indexer.search(unmarked("q", 1, 0))).isEmpty();
    indexer.index(unmarked("a", 1, 0));
    assertThat(indexer.search(unmarked("q", 1, 0))).hasSize(1);
    indexer.close();
    assertThatThrownBy(() -> new IndexerHarness(workspace, "space", "other"))
        .hasMessageStartingWith("space: other (expected: external, which the index was made with");
    indexer = new IndexerHarness(workspace);
  }

  @Test
  void queriesOfTwoSpacesAreRefusedAsAWhole() throws Exception {
    indexer.index(in("s@1", "a", 1, 0));
    DocumentArray queries = DocumentArray.of(in("s@1", "q", 1, 0), in("t@1", "r", 1, 0));
    assertThatThrownBy(() -> indexer.call("/search", queries))
        .hasMessageStartingWith("document r: embedding of space t@1");
    DocumentArray uneven = DocumentArray.of(in("s@1", "q", 1, 0), in("s@1", "r", 1, 0, 0));
    assertThatThrownBy(() -> indexer.call("/search", uneven))
        .hasMessage("document r: embedding of dimension 3 (expected: 2)");
  }
}
