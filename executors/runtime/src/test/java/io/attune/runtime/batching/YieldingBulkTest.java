package io.attune.runtime.batching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.attune.runtime.Priority;
import io.attune.runtime.process.ProcessPriority;
import io.grpc.Context;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Bulk on workers of its own, which the operating system holds back.
@SuppressWarnings("FutureReturnValueIgnored") // answers that a test does not look at
@Timeout(60)
class YieldingBulkTest {
  private static final BatchKey SEARCH = BatchKey.of("/search", Priority.INTERACTIVE);
  private static final BatchKey INDEX = BatchKey.of("/index", Priority.BULK);
  private static final long MOMENT_MILLIS = 100;

  private final Semaphore searchMayEnd = new Semaphore(0);
  private final Semaphore bulkMayEnd = new Semaphore(0);
  private final BlockingQueue<String> began = new LinkedBlockingQueue<>();
  private final Map<String, Integer> nices = new ConcurrentHashMap<>();
  private final List<BatchQueue<String, String>> open = new ArrayList<>();

  @BeforeEach
  void requireLinux() {
    assumeTrue(ProcessPriority.isSupported(), "threads can be put behind others on Linux only");
  }

  @AfterEach
  void closeQueues() {
    searchMayEnd.release(1_000_000);
    bulkMayEnd.release(1_000_000);
    open.forEach(BatchQueue::close);
  }

  /// Queue of one item to a batch, each of which ends as its semaphore allows.
  private BatchQueue<String, String> queue(int workers, double share) {
    BatchQueue<String, String> queue =
        new BatchQueue<>(
            BatchOptions.of("q", workers).withBulkShare(share).withYieldingBulk(),
            new ArrivalOrder(1, 10),
            _ -> 1,
            this::run,
            new SimpleMeterRegistry());
    open.add(queue);
    return queue;
  }

  private List<String> run(BatchKey key, List<String> items) throws Exception {
    boolean isBulk = key.priority() == Priority.BULK;
    nices.put(Thread.currentThread().getName(), nice());
    began.add(items.getFirst());
    (isBulk ? bulkMayEnd : searchMayEnd).acquire();
    return items;
  }

  private static CompletableFuture<List<String>> submit(
      BatchQueue<String, String> queue, BatchKey key, String item) {
    return queue.submit(key, List.of(item), null, Context.ROOT);
  }

  /// The nice value of the calling thread: field 19 of proc(5), counted after the name.
  private static int nice() throws IOException {
    String stat = Files.readString(Path.of("/proc/thread-self/stat"));
    return Integer.parseInt(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[16]);
  }

  @Test
  void searchStartsBesideABulkBatchThatIsUnderWay() throws Exception {
    BatchQueue<String, String> queue = queue(1, 0.2);
    CompletableFuture<List<String>> bulk = submit(queue, INDEX, "bulk");
    assertThat(began.take()).isEqualTo("bulk");
    searchMayEnd.release();
    assertThat(submit(queue, SEARCH, "search").get(30, TimeUnit.SECONDS)).containsExactly("search");
    assertThat(bulk).isNotDone();
  }

  @Test
  void systemHoldsBulkThreadsBackByTheirShare() throws Exception {
    BatchQueue<String, String> queue = queue(1, 0.2);
    submit(queue, INDEX, "bulk");
    assertThat(began.take()).isEqualTo("bulk");
    submit(queue, SEARCH, "search");
    assertThat(began.take()).isEqualTo("search");
    assertThat(nices).containsEntry("q-0", 0).containsEntry("q-bulk-0", 6);
  }

  @Test
  void bulkTakesNoCoreThatSearchesUse() throws Exception {
    BatchQueue<String, String> queue = queue(2, 0.2);
    submit(queue, SEARCH, "search 1");
    submit(queue, SEARCH, "search 2");
    assertThat(List.of(began.take(), began.take()))
        .containsExactlyInAnyOrder("search 1", "search 2");
    submit(queue, INDEX, "bulk 1");
    submit(queue, INDEX, "bulk 2");
    assertThat(began.poll(MOMENT_MILLIS, TimeUnit.MILLISECONDS)).isNull();
    searchMayEnd.release();
    assertThat(began.take()).isEqualTo("bulk 1");
    assertThat(began.poll(MOMENT_MILLIS, TimeUnit.MILLISECONDS)).isNull();
    bulkMayEnd.release();
    assertThat(began.take()).isEqualTo("bulk 2");
  }

  @Test
  void bulkUsesAllCoresThatSearchesLeave() throws Exception {
    BatchQueue<String, String> queue = queue(3, 0.2);
    for (int i = 0; i < 4; i++) {
      submit(queue, INDEX, "bulk");
    }
    for (int i = 0; i < 3; i++) {
      assertThat(began.take()).isEqualTo("bulk");
    }
    assertThat(began.poll(MOMENT_MILLIS, TimeUnit.MILLISECONDS)).isNull();
  }

  @Test
  void bulkHasItsShareWhereSearchesWait() throws Exception {
    BatchQueue<String, String> queue = queue(1, 0.2);
    bulkMayEnd.release(1_000_000);
    submit(queue, SEARCH, "search");
    assertThat(began.take()).isEqualTo("search");
    for (int i = 0; i < 100; i++) {
      submit(queue, INDEX, "bulk");
      submit(queue, SEARCH, "search");
    }
    // a quarter of a batch is owed for each search that starts while others wait
    for (int searches = 1; searches <= 91; searches++) {
      searchMayEnd.release();
      List<String> expected = searches % 4 == 1 ? List.of("bulk", "search") : List.of("search");
      List<String> next = new ArrayList<>();
      for (String _ : expected) {
        next.add(began.take());
      }
      assertThat(next).as("search %d", searches).hasSameElementsAs(expected);
    }
    assertThat(began.poll(MOMENT_MILLIS, TimeUnit.MILLISECONDS)).isNull();
  }

  @Test
  void closeEndsBothKindsOfWorkers() throws Exception {
    BatchQueue<String, String> queue = queue(2, 0.2);
    searchMayEnd.release(1_000_000);
    bulkMayEnd.release(1_000_000);
    CompletableFuture<List<String>> search = submit(queue, SEARCH, "search");
    CompletableFuture<List<String>> bulk = submit(queue, INDEX, "bulk");
    queue.close();
    assertThat(search).isCompletedWithValue(List.of("search"));
    assertThat(bulk).isCompletedWithValue(List.of("bulk"));
    assertThat(Thread.getAllStackTraces().keySet())
        .extracting(Thread::getName)
        .doesNotContain("q-0", "q-1", "q-bulk-0", "q-bulk-1");
  }
}
