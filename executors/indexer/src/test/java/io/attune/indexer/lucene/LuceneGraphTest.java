package io.attune.indexer.lucene;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.attune.document.Document;
import io.attune.document.NdArray;
import io.attune.document.query.Query;
import io.attune.indexer.generation.Change;
import io.attune.indexer.generation.Generation;
import io.attune.indexer.generation.GenerationSpec;
import io.attune.indexer.generation.GraphOptions;
import io.attune.indexer.generation.Hit;
import io.attune.indexer.generation.MemoryIndex;
import io.attune.indexer.generation.Metric;
import io.attune.indexer.generation.RandomDocuments;
import io.attune.indexer.generation.SearchAnswer;
import io.attune.indexer.generation.SearchOptions;
import io.attune.indexer.generation.View;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.store.FSDirectory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Walks of the graphs, however few vectors there are, against comparing with all.
class LuceneGraphTest {
  private static final int DIMENSION = 24;
  private static final int DOCUMENTS = 1_200;
  private static final int QUERIES = 20;
  private static final int LIMIT = 10;

  @TempDir Path folder;

  private static GenerationSpec spec(Metric metric, boolean quantized) {
    return new GenerationSpec("s", DIMENSION, metric, new GraphOptions(16, 100, quantized));
  }

  private static LuceneIndex walking() {
    return new LuceneIndex(new Walks());
  }

  /// A graph in each segment, and each search walks it.
  private static final class Walks implements ScanRule {
    @Override
    public boolean scans(long vectors, int candidates) {
      return false;
    }

    @Override
    public int graphThreshold() {
      return 0;
    }
  }

  private static SearchOptions options(Set<Integer> depths, @Nullable Query filter) {
    return new SearchOptions(LIMIT, 0, 64, false, Float.POSITIVE_INFINITY, depths, filter, false);
  }

  @ParameterizedTest
  @CsvSource({
    "COSINE, false",
    "COSINE, true",
    "EUCLIDEAN, false",
    "EUCLIDEAN, true",
    "DOT, false",
    "DOT, true"
  })
  void findsNearlyAllOfTheNearestWithTheirTrueDistances(Metric metric, boolean quantized)
      throws IOException {
    long seed = 99;
    RandomDocuments documents = new RandomDocuments(seed, DIMENSION);
    GenerationSpec spec = spec(metric, quantized);
    try (Generation ours = walking().create(folder.resolve("g"), spec);
        Generation oracle = new MemoryIndex().create(folder.resolve("o"), spec)) {
      fill(ours, oracle, documents);
      List<float[]> queries = new ArrayList<>();
      for (int i = 0; i < QUERIES; i++) {
        queries.add(documents.vector());
      }
      try (View view = ours.view();
          View expected = oracle.view()) {
        assertThat(recall(view, expected, queries, options(Set.of(), null))).isGreaterThan(0.97);
        assertThat(recall(view, expected, queries, options(Set.of(1), null))).isGreaterThan(0.95);
        for (int below : new int[] {3, 20, 90}) {
          Query filter = RandomDocuments.query("{\"tags__number\": {\"$lt\": " + below + "}}");
          assertThat(recall(view, expected, queries, options(Set.of(0), filter)))
              .as("seed %d, filter %d", seed, below)
              .isGreaterThan(0.95);
        }
      }
    }
  }

  /// Lengths over four orders of magnitude: under dot the long ones win wherever they point to.
  @ParameterizedTest
  @CsvSource({"COSINE, false", "COSINE, true", "EUCLIDEAN, true", "DOT, false", "DOT, true"})
  void findsVectorsOfAnyLength(Metric metric, boolean quantized) throws IOException {
    long seed = 41;
    RandomDocuments documents = new RandomDocuments(seed, DIMENSION);
    GenerationSpec spec = spec(metric, quantized);
    try (Generation ours = walking().create(folder.resolve("g"), spec);
        Generation oracle = new MemoryIndex().create(folder.resolve("o"), spec)) {
      List<Change> changes = new ArrayList<>();
      for (int i = 0; i < DOCUMENTS; i++) {
        changes.add(RandomDocuments.upsert(i + 1, scaled(documents, "d" + i)));
      }
      ours.apply(changes);
      oracle.apply(changes);
      List<float[]> queries = new ArrayList<>();
      for (int i = 0; i < QUERIES; i++) {
        queries.add(scaled(documents, "q").embedding().orElseThrow().floats());
      }
      try (View view = ours.view();
          View expected = oracle.view()) {
        assertThat(recall(view, expected, queries, options(Set.of(), null)))
            .as("seed %d", seed)
            .isGreaterThan(0.95);
      }
    }
  }

  private static Document scaled(RandomDocuments documents, String id) {
    float[] vector = documents.vector();
    double length = Math.pow(10, documents.nextInt(4_000) / 1_000.0 - 2);
    for (int i = 0; i < vector.length; i++) {
      vector[i] *= (float) length;
    }
    return Document.create().id(id).embedding(NdArray.of(vector));
  }

  /// Several segments, deleted and replaced documents, chunks.
  private static void fill(Generation ours, Generation oracle, RandomDocuments documents)
      throws IOException {
    long sequence = 0;
    for (int round = 0; round < 4; round++) {
      List<Change> changes = new ArrayList<>();
      for (int i = 0; i < DOCUMENTS / 4; i++) {
        String id = "d" + documents.nextInt(DOCUMENTS);
        changes.add(
            switch (documents.nextInt(8)) {
              case 0 -> Change.delete(++sequence, id);
              case 1 -> RandomDocuments.upsert(++sequence, documents.chunked(id, 3, true));
              default -> RandomDocuments.upsert(++sequence, documents.document(id));
            });
      }
      ours.apply(changes);
      oracle.apply(changes);
      ours.view().close();
    }
  }

  /// The part of the nearest that is found; what is found must have its true distance, in order.
  private static double recall(View view, View oracle, List<float[]> queries, SearchOptions options)
      throws IOException {
    SearchAnswer answer = view.search(queries, options);
    SearchOptions all =
        new SearchOptions(
            10_000, 0, 1, true, Float.POSITIVE_INFINITY, options.depths(), options.filter(), false);
    List<List<Hit>> right = oracle.search(queries, all).hits();
    int found = 0;
    int wanted = 0;
    for (int i = 0; i < queries.size(); i++) {
      List<Hit> hits = answer.hits().get(i);
      assertThat(hits).isSortedAccordingTo(Hit.ORDER);
      Map<String, Hit> byId = new HashMap<>();
      right.get(i).forEach(hit -> byId.put(hit.id(), hit));
      List<Hit> nearest = right.get(i).subList(0, Math.min(LIMIT, right.get(i).size()));
      wanted += nearest.size();
      for (Hit hit : hits) {
        Hit truth = requireNonNull(byId.get(hit.id()));
        float error = 1e-5f * Math.max(1, Math.abs(truth.distance()));
        assertThat(hit.distance()).isCloseTo(truth.distance(), within(error));
        assertThat(hit.path()).isEqualTo(truth.path());
        found += nearest.contains(truth) ? 1 : 0;
      }
    }
    return (double) found / wanted;
  }

  @Test
  void findsWhatAFilterLeavesFarFromTheQuery() throws IOException {
    RandomDocuments random = new RandomDocuments(5, DIMENSION);
    try (Generation generation =
        walking().create(folder.resolve("g"), spec(Metric.EUCLIDEAN, false))) {
      List<Change> changes = new ArrayList<>();
      for (int i = 0; i < 3_000; i++) {
        boolean far = i % 10 == 0;
        float[] vector = random.vector();
        vector[0] += far ? 1_000 : 0;
        Document document =
            Document.create().id("d" + i).tag("far", far).embedding(NdArray.of(vector));
        changes.add(RandomDocuments.upsert(i + 1, document));
      }
      generation.apply(changes);
      SearchOptions options =
          options(Set.of(), RandomDocuments.query("{\"tags__far\": {\"$eq\": true}}"));
      try (View view = generation.view()) {
        for (int i = 0; i < QUERIES; i++) {
          List<float[]> query = List.of(random.vector());
          assertThat(view.search(query, options).hits().getFirst())
              .extracting(Hit::id)
              .isEqualTo(
                  view.search(query, options.exactly()).hits().getFirst().stream()
                      .map(Hit::id)
                      .toList());
        }
      }
    }
  }

  @Test
  void aSmallIndexAndASelectiveFilterAreScanned() throws IOException {
    RandomDocuments documents = new RandomDocuments(3, DIMENSION);
    try (Generation generation =
        new LuceneIndex().create(folder.resolve("g"), spec(Metric.COSINE, false))) {
      List<Change> changes = new ArrayList<>();
      for (int i = 0; i < 9_000; i++) {
        changes.add(RandomDocuments.upsert(i + 1, documents.document("d" + i)));
      }
      generation.apply(changes.subList(0, 3_000));
      assertThat(visited(generation, options(Set.of(), null))).isEqualTo(3_000);
      generation.apply(changes.subList(3_000, 9_000));
      assertThat(visited(generation, options(Set.of(), null)))
          .isBetween(3_000L, 6_000L); // the small segment has no graph, the large one is walked
      Query third = RandomDocuments.query("{\"tags__number\": {\"$lt\": 33}}");
      long accepted = accepted(generation, third);
      assertThat(accepted).isBetween(2_500L, 3_500L);
      assertThat(visited(generation, options(Set.of(), third))).isEqualTo(accepted);
      assertThat(visited(generation, options(Set.of(), null).exactly())).isEqualTo(9_000);
    }
  }

  private static long visited(Generation generation, SearchOptions options) throws IOException {
    try (View view = generation.view()) {
      return view.search(List.of(new RandomDocuments(8, DIMENSION).vector()), options).visited();
    }
  }

  private static long accepted(Generation generation, Query filter) throws IOException {
    try (View view = generation.view()) {
      return view.filter(filter, 0, Integer.MAX_VALUE).size();
    }
  }

  @Test
  void aCommitWithoutChangesKeepsWhatWasMergedSinceTheLast() throws IOException {
    RandomDocuments documents = new RandomDocuments(5, DIMENSION);
    long position = 0;
    try (Generation generation = walking().create(folder, spec(Metric.COSINE, false))) {
      while (position < 20) {
        position++;
        generation.apply(
            List.of(RandomDocuments.upsert(position, documents.document("d" + position))));
        generation.commit(position);
      }
      while (generation.isMerging()) {
        Thread.onSpinWait();
      }
      generation.commit(position);
      assertThat(generation.hasUncommitted()).isFalse();
    }
    try (DirectoryReader reopened = DirectoryReader.open(FSDirectory.open(folder))) {
      assertThat(reopened.numDocs()).isEqualTo(20);
      assertThat(reopened.leaves()).hasSizeLessThan(10);
    }
  }

  @Test
  void manyGraphsBecomeOneThatFindsTheSame() throws IOException {
    RandomDocuments documents = new RandomDocuments(11, DIMENSION);
    List<Change> changes = new ArrayList<>();
    for (int i = 0; i < DOCUMENTS; i++) {
      changes.add(RandomDocuments.upsert(i + 1, documents.document("d" + i)));
    }
    List<float[]> queries = List.of(documents.vector(), documents.vector());
    try (Generation generation = walking().create(folder, spec(Metric.COSINE, false))) {
      assertThat(generation.isScattered()).as("empty").isFalse();
      for (int part = 0; part < 3; part++) {
        generation.apply(changes.subList(part * DOCUMENTS / 3, (part + 1) * DOCUMENTS / 3));
        generation.commit(part + 1);
      }
      assertThat(segments()).isEqualTo(3);
      assertThat(generation.isScattered()).isTrue();
      List<List<Hit>> before = exact(generation, queries);
      generation.compact();
      while (generation.isMerging()) {
        Thread.onSpinWait();
      }
      assertThat(generation.hasUncommitted()).isTrue();
      generation.commit(3);
      assertThat(segments()).isEqualTo(1);
      assertThat(generation.isScattered()).as("the views see it too").isFalse();
      assertThat(exact(generation, queries)).isEqualTo(before);
      generation.compact();
      assertThat(generation.hasUncommitted()).as("nothing left to do").isFalse();
    }
  }

  private static List<List<Hit>> exact(Generation generation, List<float[]> queries)
      throws IOException {
    try (View view = generation.view()) {
      return view.search(queries, options(Set.of(), null).exactly()).hits();
    }
  }

  private int segments() throws IOException {
    try (DirectoryReader reader = DirectoryReader.open(FSDirectory.open(folder))) {
      return reader.leaves().size();
    }
  }
}
