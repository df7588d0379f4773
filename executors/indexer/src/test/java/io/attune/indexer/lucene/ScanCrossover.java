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
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.store.FSDirectory;
import org.apache.lucene.util.FixedBitSet;

/// Measures from how many acceptable vectors on a walk of the graphs is faster than a scan, which
/// is what [ScanRule#MEASURED] goes by. Run with the test class path and `--add-modules
/// jdk.incubator.vector`: `io.attune.indexer.lucene.ScanCrossover [vectors] [dimension]`.
final class ScanCrossover {
  private static final int QUERIES = 40;
  private static final int ROUNDS = 5;

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
    long scan = Long.MAX_VALUE;
    long walk = Long.MAX_VALUE;
    long visited = 0;
    for (int round = 0; round < ROUNDS; round++) {
      long start = System.nanoTime();
      for (int i = 0; i < QUERIES; i++) {
        ExactSearch.nearest(segments, QueryVector.of(Metric.COSINE, documents.vector()), 10);
      }
      scan = Math.min(scan, System.nanoTime() - start);
      start = System.nanoTime();
      visited = 0;
      for (int i = 0; i < QUERIES; i++) {
        GraphSearch search =
            new GraphSearch(
                segments,
                QueryVector.of(Metric.COSINE, documents.vector()),
                10,
                candidates,
                quantized);
        search.nearest();
        visited += search.visited();
      }
      walk = Math.min(walk, System.nanoTime() - start);
    }
    System.out.printf(
        Locale.ROOT,
        "ef %4d accepted %7d: scan %8.1f us, walk %8.1f us, visited %d%n",
        candidates,
        accepted,
        scan / 1e3 / QUERIES,
        walk / 1e3 / QUERIES,
        visited / QUERIES);
  }
}
