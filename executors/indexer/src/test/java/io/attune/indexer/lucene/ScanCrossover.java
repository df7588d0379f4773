package io.attune.indexer.lucene;

import io.attune.document.Document;
import io.attune.document.NdArray;
import io.attune.indexer.generation.Change;
import io.attune.indexer.generation.GenerationSpec;
import io.attune.indexer.generation.GraphOptions;
import io.attune.indexer.generation.Metric;
import io.attune.indexer.generation.RandomDocuments;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.store.FSDirectory;
import org.apache.lucene.util.FixedBitSet;

/// Measures from how many acceptable vectors on a walk of the graphs is faster than a scan, which
/// is what [ScanRule#MEASURED] goes by. Run with the test class path and `--add-modules
/// jdk.incubator.vector`: `io.attune.indexer.lucene.ScanCrossover [vectors] [dimension] [int8]`.
final class ScanCrossover {
  private static final int QUERIES = 40;
  private static final int ROUNDS = 5;
  private static final int LIMIT = 10;

  private ScanCrossover() {}

  public static void main(String[] arguments) throws IOException {
    int vectors = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 50_000;
    int dimension = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 384;
    boolean quantized = arguments.length > 2 && arguments[2].equals("int8");
    Path folder = Files.createTempDirectory("crossover");
    RandomDocuments documents = new RandomDocuments(1, dimension);
    GraphOptions graph = new GraphOptions(16, 100, quantized);
    GenerationSpec spec = new GenerationSpec("s", dimension, Metric.COSINE, graph);
    try (var generation = new LuceneIndex().create(folder, spec)) {
      List<Change> changes = new ArrayList<>();
      for (int i = 0; i < vectors; i++) {
        Document document = Document.create().id("d" + i).embedding(NdArray.of(documents.vector()));
        changes.add(RandomDocuments.upsert(i + 1, document));
      }
      generation.apply(changes);
      generation.commit(vectors);
    }
    try (DirectoryReader reader = DirectoryReader.open(FSDirectory.open(folder))) {
      System.out.printf(
          "%d vectors x %d in %d segments%n", vectors, dimension, reader.leaves().size());
      for (int candidates : new int[] {32, 128, 512}) {
        for (int accepted = 1_000; accepted <= vectors; accepted *= 2) {
          measure(reader, documents, accepted, candidates, quantized);
        }
        measure(reader, documents, vectors, candidates, quantized);
      }
    }
  }

  private static void measure(
      DirectoryReader reader,
      RandomDocuments documents,
      int accepted,
      int candidates,
      boolean quantized)
      throws IOException {
    Random random = new Random(accepted);
    double share = (double) accepted / reader.maxDoc();
    List<Segment> segments = new ArrayList<>();
    for (LeafReaderContext leaf : reader.leaves()) {
      FixedBitSet bits = new FixedBitSet(leaf.reader().maxDoc());
      for (int i = 0; i < bits.length(); i++) {
        if (random.nextDouble() < share) {
          bits.set(i);
        }
      }
      segments.add(
          share >= 1
              ? new Segment(leaf, null, null, bits.length())
              : new Segment(leaf, null, bits, bits.cardinality()));
    }
    List<QueryVector> queries = new ArrayList<>();
    for (int i = 0; i < QUERIES; i++) {
      queries.add(QueryVector.of(Metric.COSINE, documents.vector()));
    }
    long scan = Long.MAX_VALUE;
    long walk = Long.MAX_VALUE;
    long visited = 0;
    int found = 0;
    for (int round = 0; round < ROUNDS; round++) {
      List<Set<Integer>> nearest = new ArrayList<>();
      long start = System.nanoTime();
      for (QueryVector query : queries) {
        nearest.add(documents(ExactSearch.nearest(segments, query, LIMIT)));
      }
      scan = Math.min(scan, System.nanoTime() - start);
      visited = 0;
      found = 0;
      start = System.nanoTime();
      for (int i = 0; i < QUERIES; i++) {
        GraphSearch search =
            new GraphSearch(segments, queries.get(i), LIMIT, candidates, quantized);
        Set<Integer> walked = documents(search.nearest());
        walked.retainAll(nearest.get(i));
        found += walked.size();
        visited += search.visited();
      }
      walk = Math.min(walk, System.nanoTime() - start);
    }
    System.out.printf(
        Locale.ROOT,
        "ef %4d accepted %7d: scan %8.1f us, walk %8.1f us, visited %5d, recall@10 %.4f%n",
        candidates,
        accepted,
        scan / 1e3 / QUERIES,
        walk / 1e3 / QUERIES,
        visited / QUERIES,
        (double) found / QUERIES / LIMIT);
  }

  private static Set<Integer> documents(List<Candidate> candidates) {
    return candidates.stream()
        .map(each -> each.segment.context().docBase + each.document)
        .collect(Collectors.toCollection(HashSet::new));
  }
}
