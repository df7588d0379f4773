package io.attune.indexer;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.document.Document;
import io.attune.document.DocumentArray;
import io.attune.document.NdArray;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Many callers at once.
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class IndexerConcurrencyTest {
  private static final int CALLERS = 6;
  private static final int ROUNDS = 25;

  @TempDir Path workspace;

  private static Document document(String space, String id, float... vector) {
    return Document.create().id(id).embedding(NdArray.of(vector), space);
  }

  private static void run(List<Callable<Void>> tasks) throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<Void> task : threads.invokeAll(tasks)) {
        task.get();
      }
    }
  }

  /// A caller's vectors have a direction of their own.
  private static Document of(int caller, String id) {
    float[] vector = new float[CALLERS];
    vector[caller] = 1;
    return document("s@1", id, vector);
  }

  @Test
  void everySearchThatStartsAfterAnAnswerSeesTheWrite() throws Exception {
    Set<String> left = new TreeSet<>();
    try (IndexerHarness indexer = new IndexerHarness(workspace, "commit_interval_ms", 10)) {
      List<Callable<Void>> callers = new ArrayList<>();
      for (int i = 0; i < CALLERS; i++) {
        int caller = i;
        left.add(caller + "-" + (ROUNDS - 1));
        callers.add(() -> write(indexer, caller));
      }
      run(callers);
    }
    try (IndexerHarness indexer = new IndexerHarness(workspace)) {
      assertThat(indexer.call("/filter", DocumentArray.of()).documents())
          .extracting(Document::id)
          .containsExactlyElementsOf(left);
    }
  }

  /// Writes a document, finds it, deletes the one before and finds that gone.
  private static Void write(IndexerHarness indexer, int caller) throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      String id = caller + "-" + round;
      indexer.index(of(caller, id));
      assertThat(found(indexer, caller)).contains(id);
      if (round > 0) {
        String former = caller + "-" + (round - 1);
        indexer.call("/delete", DocumentArray.of(Document.create().id(former)));
        assertThat(found(indexer, caller)).containsExactly(id);
      }
    }
    return null;
  }

  private static List<String> found(IndexerHarness indexer, int caller) throws Exception {
    return indexer.search(of(caller, "q"), "threshold", 0.5).stream().map(Document::id).toList();
  }

  /// The index is emptied and takes another space, again and again, while others look and write.
  @Test
  void changingTheSpaceUnderSearchesAndWritesFailsNothingElse() throws Exception {
    long seed = 17;
    Random random = new Random(seed);
    try (IndexerHarness indexer = new IndexerHarness(workspace, "commit_interval_ms", 10)) {
      List<Callable<Void>> callers = new ArrayList<>();
      for (int i = 0; i < CALLERS; i++) {
        Random own = new Random(random.nextLong());
        callers.add(() -> {
          for (int round = 0; round < ROUNDS; round++) {
            anything(indexer, own);
          }
          return null;
        });
      }
      run(callers);
      indexer.call("/clear", DocumentArray.of());
      indexer.index(document("last@1", "a", 1, 2, 3));
    }
    try (IndexerHarness indexer = new IndexerHarness(workspace)) {
      assertThat(indexer.search(document("last@1", "q", 1, 2, 3)))
          .extracting(Document::id)
          .containsExactly("a");
    }
  }

  private static void anything(IndexerHarness indexer, Random random) throws Exception {
    int space = random.nextInt(3);
    float[] vector = new float[space + 1];
    vector[space] = 1;
    Document document = document("s@" + space, "d" + random.nextInt(4), vector);
    try {
      switch (random.nextInt(6)) {
        case 0 -> indexer.call("/clear", DocumentArray.of());
        case 1 -> indexer.call("/delete", DocumentArray.of(document));
        case 2 -> indexer.call("/update", DocumentArray.of(document));
        case 3 -> indexer.index(document);
        default -> indexer.search(document);
      }
    } catch (FlowException e) {
      assertThat(e.code()).as(e.getMessage()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
      assertThat(e).hasMessageContaining("which the index holds");
    }
  }
}
