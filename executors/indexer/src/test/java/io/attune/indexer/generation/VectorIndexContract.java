package io.attune.indexer.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.attune.document.Document;
import io.attune.document.NdArray;
import io.attune.document.query.Query;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What every engine behind [VectorIndex] must do: a test for each promise, so that it is long.
public abstract class VectorIndexContract {
  private static final int DIMENSION = 8;

  @TempDir Path folder;

  private VectorIndex index;
  private Generation generation;

  protected abstract VectorIndex index();

  /// How the graphs are built.
  protected GraphOptions graph() {
    return GraphOptions.DEFAULT;
  }

  @BeforeEach
  void create() throws IOException {
    index = index();
    generation = index.create(folder.resolve("one"), spec(Metric.COSINE));
  }

  @AfterEach
  void close() throws IOException {
    generation.close();
  }

  private GenerationSpec spec(Metric metric) {
    return new GenerationSpec("test@1", DIMENSION, metric, graph());
  }

  private void reopen() throws IOException {
    generation.close();
    generation = index.open(folder.resolve("one"), spec(Metric.COSINE));
  }

  private static Query query(String json) {
    return RandomDocuments.query(json);
  }

  private static Change upsert(long sequence, String id, String text, float... vector) {
    return RandomDocuments.upsert(
        sequence, Document.ofText(text).id(id).embedding(NdArray.of(padded(vector))));
  }

  private static float[] padded(float... values) {
    return java.util.Arrays.copyOf(values, DIMENSION);
  }

  private List<Hit> search(SearchOptions options, float... query) throws IOException {
    try (View view = generation.view()) {
      return view.search(List.of(padded(query)), options).hits().getFirst();
    }
  }

  private List<String> ids(SearchOptions options, float... query) throws IOException {
    return search(options, query).stream().map(Hit::id).toList();
  }

  private String text(String id) throws IOException {
    try (View view = generation.view()) {
      return view.find(id).map(content -> content.source().getText()).orElse("");
    }
  }

  @Test
  void findsNearestFirstWithTiesById() throws IOException {
    generation.apply(
        List.of(
            upsert(1, "b", "", 1, 1),
            upsert(2, "a", "", 2, 2),
            upsert(3, "far", "", -1, 0),
            upsert(4, "near", "", 1, 0)));
    assertThat(ids(SearchOptions.nearest(10), 3, 0)).containsExactly("near", "a", "b", "far");
    assertThat(ids(SearchOptions.nearest(2), 3, 0)).containsExactly("near", "a");
    assertThat(search(SearchOptions.nearest(10), 3, 0).getLast().distance())
        .isCloseTo(2f, within(1e-6f));
  }

  @Test
  void passesOverTheOffset() throws IOException {
    generation.apply(
        List.of(upsert(1, "a", "", 1, 0), upsert(2, "b", "", 1, 1), upsert(3, "c", "", 0, 1)));
    SearchOptions options =
        new SearchOptions(2, 1, 10, false, Float.POSITIVE_INFINITY, Set.of(), null, false);
    assertThat(ids(options, 1, 0)).containsExactly("b", "c");
  }

  @Test
  void cutsAtTheThreshold() throws IOException {
    generation.apply(List.of(upsert(1, "a", "", 1, 0), upsert(2, "b", "", 0, 1)));
    SearchOptions options = new SearchOptions(5, 0, 10, false, 0.5f, Set.of(), null, false);
    assertThat(ids(options, 1, 0)).containsExactly("a");
  }

  @Test
  void aFilterDecidesBeforeTheLimit() throws IOException {
    List<Change> changes = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      changes.add(upsert(i + 1, "d" + i, i % 10 == 0 ? "yes" : "no", 1, i));
    }
    generation.apply(changes);
    SearchOptions options = SearchOptions.nearest(3).among(query("{\"text\": {\"$eq\": \"yes\"}}"));
    assertThat(ids(options, 1, 0)).containsExactly("d0", "d10", "d20");
  }

  @Test
  void anUpsertReplacesAllVectorsOfADocument() throws IOException {
    Document chunked = Document.ofText("old").id("a");
    chunked.chunks().add(Document.ofText("x").embedding(NdArray.of(padded(1, 0))));
    chunked.chunks().add(Document.ofText("y").embedding(NdArray.of(padded(0, 1))));
    generation.apply(List.of(RandomDocuments.upsert(1, chunked), upsert(2, "b", "", -1, 0)));
    assertThat(search(SearchOptions.nearest(5), 0, 1)).extracting(Hit::path).contains("1", "");
    generation.apply(List.of(upsert(3, "a", "new", -1, -1)));
    try (View view = generation.view()) {
      assertThat(view.vectors()).isEqualTo(2);
      assertThat(view.documents()).isEqualTo(2);
    }
    assertThat(text("a")).isEqualTo("new");
  }

  @Test
  void chunksAnswerTheirRootOnceByTheBest() throws IOException {
    Document chunked = Document.ofText("long").id("a").embedding(NdArray.of(padded(-1, 0)));
    chunked.chunks().add(Document.ofText("x").embedding(NdArray.of(padded(1, 0.1f))));
    chunked.chunks().add(Document.ofText("y").embedding(NdArray.of(padded(1, 0))));
    generation.apply(List.of(upsert(1, "b", "", 0, 1), RandomDocuments.upsert(2, chunked)));
    List<Hit> hits = search(SearchOptions.nearest(5), 1, 0);
    assertThat(hits).extracting(Hit::id).containsExactly("a", "b");
    assertThat(hits.getFirst().path()).isEqualTo("1");
    SearchOptions roots =
        new SearchOptions(5, 0, 10, false, Float.POSITIVE_INFINITY, Set.of(0), null, false);
    assertThat(ids(roots, 1, 0)).containsExactly("b", "a");
    SearchOptions chunks =
        new SearchOptions(5, 0, 10, false, Float.POSITIVE_INFINITY, Set.of(1), null, false);
    assertThat(ids(chunks, 1, 0)).containsExactly("a");
  }

  @Test
  void deletesAllVectorsOfADocument() throws IOException {
    Document chunked = new RandomDocuments(1, DIMENSION).chunked("a", 3, true);
    generation.apply(List.of(RandomDocuments.upsert(1, chunked), upsert(2, "b", "", 1)));
    generation.apply(List.of(Change.delete(3, "a")));
    assertThat(ids(SearchOptions.nearest(5), 1, 0)).containsExactly("b");
    try (View view = generation.view()) {
      assertThat(view.vectors()).isEqualTo(1);
      assertThat(view.contains("a")).isFalse();
      assertThat(view.contains("b")).isTrue();
    }
  }

  @Test
  void anOlderSequenceDoesNotCount() throws IOException {
    assertThat(generation.apply(List.of(upsert(5, "a", "five", 1)))).isEqualTo(1);
    assertThat(generation.apply(List.of(upsert(4, "a", "four", 1)))).isZero();
    assertThat(generation.apply(List.of(upsert(5, "a", "again", 1)))).isZero();
    assertThat(generation.apply(List.of(Change.delete(3, "a")))).isZero();
    assertThat(text("a")).isEqualTo("five");
    assertThat(generation.apply(List.of(upsert(2, "b", "two", 1)))).isEqualTo(1);
  }

  @Test
  void ofOneSequenceADocumentCountsOverADelete() throws IOException {
    generation.keepTombstones(true);
    generation.apply(List.of(upsert(4, "a", "four", 1)));
    assertThat(generation.accepts("a", 4)).isFalse();
    assertThat(generation.accepts("a", 5)).isTrue();
    assertThat(generation.apply(List.of(Change.delete(5, "a")))).isEqualTo(1);
    assertThat(generation.accepts("a", 5)).isTrue();
    assertThat(generation.accepts("a", 4)).isFalse();
    assertThat(generation.apply(List.of(upsert(5, "a", "five", 1)))).isEqualTo(1);
    assertThat(generation.accepts("a", 5)).isFalse();
    assertThat(generation.apply(List.of(Change.delete(5, "a")))).isZero();
    assertThat(text("a")).isEqualTo("five");
  }

  @Test
  void aClearThatComesAgainTakesNothingThatCameSince() throws IOException {
    generation.apply(List.of(upsert(1, "a", "old", 1), Change.clear(2), upsert(3, "b", "", 1)));
    assertThat(generation.apply(List.of(Change.clear(2)))).isZero();
    assertThat(ids(SearchOptions.nearest(5), 1)).containsExactly("b");
  }

  @Test
  void aSnapshotReadsOnlyWhatIsWanted() throws IOException {
    generation.apply(List.of(upsert(1, "a", "", 1), upsert(2, "b", "", 1), upsert(3, "c", "", 1)));
    generation.apply(List.of(upsert(4, "a", "again", 1)));
    List<String> asked = new ArrayList<>();
    List<String> visited = new ArrayList<>();
    try (View view = generation.view()) {
      view.forEach(
          (id, sequence) -> {
            asked.add(id + sequence);
            return sequence > 2;
          },
          (sequence, content) -> visited.add(content.source().getId() + sequence));
    }
    assertThat(asked).containsExactlyInAnyOrder("a4", "b2", "c3");
    assertThat(visited).containsExactlyInAnyOrder("a4", "c3");
  }

  @Test
  void theSequenceCountsWithinOneList() throws IOException {
    generation.apply(
        List.of(upsert(7, "a", "seven", 1), upsert(6, "a", "six", 1), upsert(8, "b", "", 1)));
    assertThat(text("a")).isEqualTo("seven");
  }

  @Test
  void aCopyReadEarlierNeverBeatsAnUpdateOrADelete() throws IOException {
    generation.keepTombstones(true);
    generation.apply(List.of(Change.delete(10, "gone"), upsert(11, "changed", "new", 1)));
    generation.apply(
        List.of(
            upsert(3, "gone", "copy", 1), upsert(4, "changed", "copy", 1), upsert(5, "c", "", 1)));
    assertThat(text("gone")).isEmpty();
    assertThat(text("changed")).isEqualTo("new");
    try (View view = generation.view()) {
      assertThat(view.documents()).isEqualTo(2);
    }
    generation.apply(List.of(upsert(12, "gone", "back", 1)));
    assertThat(text("gone")).isEqualTo("back");
  }

  @Test
  void tombstonesOutliveACommitAndEndOnDemand() throws IOException {
    generation.keepTombstones(true);
    generation.apply(List.of(upsert(1, "a", "", 1), Change.delete(10, "a")));
    generation.commit(10);
    reopen();
    assertThat(generation.apply(List.of(upsert(3, "a", "copy", 1)))).isZero();
    generation.keepTombstones(false);
    assertThat(generation.apply(List.of(upsert(3, "a", "copy", 1)))).isEqualTo(1);
  }

  @Test
  void clearingHoldsItsSequenceForAllIds() throws IOException {
    generation.apply(List.of(upsert(1, "a", "", 1), Change.clear(5), upsert(6, "b", "", 1)));
    assertThat(generation.apply(List.of(upsert(4, "c", "copy", 1)))).isZero();
    try (View view = generation.view()) {
      assertThat(view.documents()).isEqualTo(1);
    }
    generation.commit(6);
    reopen();
    assertThat(generation.apply(List.of(upsert(4, "c", "copy", 1)))).isZero();
  }

  @Test
  void reopensAtItsLastCommitAndTakesTheRestAgain() throws IOException {
    generation.apply(List.of(upsert(1, "a", "one", 1), upsert(2, "b", "two", 1)));
    generation.commit(2);
    generation.apply(List.of(upsert(3, "a", "three", 1), Change.delete(4, "b")));
    reopen();
    assertThat(generation.committed()).isEqualTo(2);
    assertThat(text("a")).isEqualTo("one");
    generation.apply(List.of(upsert(3, "a", "three", 1), Change.delete(4, "b")));
    assertThat(text("a")).isEqualTo("three");
    assertThat(text("b")).isEmpty();
  }

  @Test
  void saysWhetherItsCommitLacksAnything() throws IOException {
    generation.commit(0);
    assertThat(generation.hasUncommitted()).isFalse();
    generation.apply(List.of(upsert(1, "a", "one", 1)));
    assertThat(generation.hasUncommitted()).isTrue();
    generation.commit(1);
    assertThat(generation.hasUncommitted()).isFalse();
    assertThat(generation.isMerging()).isFalse();
  }

  @Test
  void replayingWhatACommitHoldsAlreadyChangesNothing() throws IOException {
    List<Change> changes =
        List.of(
            upsert(1, "a", "one", 1),
            upsert(2, "a", "two", 1),
            upsert(3, "b", "three", 1),
            Change.delete(4, "b"),
            upsert(5, "c", "five", 1));
    generation.apply(changes);
    generation.commit(0);
    reopen();
    generation.apply(changes);
    try (View view = generation.view()) {
      TreeMap<String, Long> held = new TreeMap<>();
      view.forEach((sequence, content) -> held.put(content.source().getId(), sequence));
      assertThat(held).containsOnly(java.util.Map.entry("a", 2L), java.util.Map.entry("c", 5L));
    }
  }

  @Test
  void aViewDoesNotChange() throws IOException {
    generation.apply(List.of(upsert(1, "a", "", 1)));
    try (View view = generation.view()) {
      generation.apply(List.of(upsert(2, "b", "", 1), Change.delete(3, "a")));
      assertThat(view.documents()).isEqualTo(1);
      assertThat(view.contains("a")).isTrue();
    }
    try (View view = generation.view()) {
      assertThat(view.contains("a")).isFalse();
    }
  }

  @Test
  void givesDocumentsBackWithTheirVectors() throws IOException {
    Document document = new RandomDocuments(3, DIMENSION).chunked("a", 3, true);
    document.chunks().get(1).clearEmbedding();
    generation.apply(List.of(RandomDocuments.upsert(1, document)));
    try (View view = generation.view()) {
      Content content = view.find("a").orElseThrow();
      Content expected = Content.of(document.toProto());
      assertThat(content.source()).isEqualTo(expected.source());
      assertThat(content.units())
          .extracting(Unit::path)
          .containsExactlyElementsOf(expected.units().stream().map(Unit::path).toList());
      for (int i = 0; i < expected.units().size(); i++) {
        assertThat(content.units().get(i).vector())
            .containsExactly(expected.units().get(i).vector(), within(1e-6f));
      }
    }
  }

  @Test
  void pagesThroughAFilterInOrderOfIds() throws IOException {
    generation.apply(
        List.of(
            upsert(1, "c", "x", 1),
            upsert(2, "a", "x", 1),
            upsert(3, "d", "y", 1),
            upsert(4, "b", "x", 1)));
    try (View view = generation.view()) {
      assertThat(view.filter(query("{\"text\": {\"$eq\": \"x\"}}"), 1, 5))
          .extracting(content -> content.source().getId())
          .containsExactly("b", "c");
      assertThat(view.filter(null, 0, 3)).hasSize(3);
    }
  }

  @ParameterizedTest
  @EnumSource(Metric.class)
  void agreesWithTheOracle(Metric metric) throws IOException {
    long seed = 20_261_121;
    RandomDocuments documents = new RandomDocuments(seed, DIMENSION);
    try (Generation ours = index.create(folder.resolve("ours"), spec(metric));
        Generation oracle = new MemoryIndex().create(Path.of("oracle"), spec(metric))) {
      long sequence = 0;
      for (int round = 0; round < 5; round++) {
        List<Change> changes = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
          changes.add(randomChange(documents, ++sequence));
        }
        assertThat(ours.apply(changes)).isEqualTo(oracle.apply(changes));
        compare(ours, oracle, documents, "seed " + seed + ", round " + round);
      }
    }
  }

  private static Change randomChange(RandomDocuments documents, long sequence) {
    String id = "d" + documents.nextInt(500);
    return switch (documents.nextInt(5)) {
      case 0 -> Change.delete(sequence, id);
      case 1 -> RandomDocuments.upsert(sequence, documents.chunked(id, 3, true));
      case 2 -> RandomDocuments.upsert(sequence, documents.chunked(id, 2, false));
      default -> RandomDocuments.upsert(sequence, documents.document(id));
    };
  }

  private static void compare(
      Generation ours, Generation oracle, RandomDocuments documents, String description)
      throws IOException {
    try (View view = ours.view();
        View expected = oracle.view()) {
      assertThat(view.documents()).as(description).isEqualTo(expected.documents());
      assertThat(view.vectors()).as(description).isEqualTo(expected.vectors());
      for (int i = 0; i < 20; i++) {
        float[] query = documents.vector();
        int below = documents.nextInt(100);
        SearchOptions options =
            new SearchOptions(
                10,
                documents.nextInt(3),
                50,
                documents.nextInt(2) == 0,
                Float.POSITIVE_INFINITY,
                List.of(Set.<Integer>of(), Set.of(0), Set.of(1), Set.of(0, 1))
                    .get(documents.nextInt(4)),
                query("{\"tags__number\": {\"$lt\": " + below + "}}"),
                true);
        List<Hit> hits = view.search(List.of(query), options).hits().getFirst();
        List<Hit> best = expected.search(List.of(query), options).hits().getFirst();
        assertThat(hits)
            .as(description)
            .extracting(Hit::id)
            .isEqualTo(best.stream().map(Hit::id).toList());
        for (int j = 0; j < best.size(); j++) {
          assertThat(hits.get(j).distance()).isCloseTo(best.get(j).distance(), within(1e-4f));
          assertThat(hits.get(j).path()).isEqualTo(best.get(j).path());
        }
      }
    }
  }
}
