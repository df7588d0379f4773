package io.attune.runtime.batching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.throwable;

import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.ModelVersion;
import io.attune.runtime.Priority;
import io.grpc.Context;
import io.grpc.Deadline;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// All promises of the queue, which callers need together: order, room, deadlines, shares, failures
/// and closing, a test each.
@SuppressWarnings("FutureReturnValueIgnored") // answers that a test does not look at
@Timeout(60)
class BatchQueueTest {
  private static final BatchKey SEARCH = BatchKey.of("/search", Priority.INTERACTIVE);
  private static final BatchKey INDEX = BatchKey.of("/index", Priority.BULK);

  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final CountDownLatch gate = new CountDownLatch(1);
  private final CountDownLatch entered = new CountDownLatch(1);
  private final List<Batched> batches = Collections.synchronizedList(new ArrayList<>());
  private final List<BatchQueue<String, String>> open = new ArrayList<>();

  private record Batched(BatchKey key, List<String> items) {}

  @AfterEach
  void closeQueues() {
    gate.countDown();
    open.forEach(BatchQueue::close);
  }

  /// Queue whose batches wait for the gate after the item "block", and fail as items say.
  private BatchQueue<String, String> queue(BatchOptions options, BatchPolicy policy) {
    BatchQueue<String, String> queue =
        new BatchQueue<>(options, policy, item -> Math.max(1, item.length()), this::run, meters);
    open.add(queue);
    return queue;
  }

  private BatchQueue<String, String> queue(int capacity) {
    return queue(
        BatchOptions.of("test", 1).withCapacity(capacity, capacity), new ArrivalOrder(100, 1000));
  }

  private List<String> run(BatchKey key, List<String> items) throws Exception {
    batches.add(new Batched(key, items));
    if (items.contains("block")) {
      entered.countDown();
      gate.await();
    }
    if (items.contains("poison")) {
      throw new IllegalStateException("poisoned");
    }
    if (items.contains("error")) {
      throw new StackOverflowError("deep");
    }
    if (items.contains("interrupt")) {
      throw new InterruptedException("inside");
    }
    if (items.contains("refuse")) {
      throw FlowException.invalid("item: refused");
    }
    if (items.contains("short")) {
      return List.of();
    }
    return items.stream().map(item -> item + "!").toList();
  }

  private CompletableFuture<List<String>> submit(
      BatchQueue<String, String> queue, BatchKey key, String... items) {
    return queue.submit(key, List.of(items), null, Context.ROOT);
  }

  private CompletableFuture<List<String>> block(BatchQueue<String, String> queue)
      throws InterruptedException {
    CompletableFuture<List<String>> blocked = submit(queue, SEARCH, "block");
    entered.await();
    return blocked;
  }

  private double count(BatchMeter meter, String... tags) {
    return meters.get(meter.key()).tags(tags).counters().stream()
        .mapToDouble(counter -> counter.count())
        .sum();
  }

  private static @Nullable ErrorCode code(CompletableFuture<?> answer) {
    Throwable failure = answer.handle((_, thrown) -> thrown).join();
    return failure instanceof FlowException flow ? flow.code() : null;
  }

  @Test
  void answersInTheOrderOfTheItems() {
    List<String> items = IntStream.range(0, 500).mapToObj(i -> "item" + i).toList();
    BatchQueue<String, String> queue =
        queue(BatchOptions.of("test", 4).withCapacity(9999, 9999), new NearEqualCost(40, 8, 0.5));
    assertThat(queue.run(SEARCH, items, null, Context.ROOT))
        .isEqualTo(items.stream().map(item -> item + "!").toList());
    assertThat(batches.size()).isGreaterThan(500 / 8);
  }

  @Test
  void answersNoItemsWithNoOutputs() {
    assertThat(submit(queue(10), SEARCH)).isCompletedWithValue(List.of());
  }

  @Test
  void runsOnNamedPlatformThreads() {
    CompletableFuture<Thread> thread = new CompletableFuture<>();
    try (BatchQueue<String, String> queue =
        new BatchQueue<>(
            BatchOptions.of("encoder", 1),
            new ArrivalOrder(1, 1),
            item -> 1,
            (_, items) -> {
              thread.complete(Thread.currentThread());
              return items;
            },
            meters)) {
      queue.run(SEARCH, List.of("a"), null, Context.ROOT);
      assertThat(thread.join().getName()).isEqualTo("encoder-0");
      assertThat(thread.join().isVirtual()).isFalse();
    }
  }

  @Test
  void refusesAtOnceWhenFullAndTakesGroupsWholeOrNotAtAll() throws Exception {
    BatchQueue<String, String> queue = queue(10);
    block(queue);
    CompletableFuture<List<String>> first = submit(queue, SEARCH, "1234", "5678");
    assertThatThrownBy(() -> submit(queue, SEARCH, "1", "23"))
        .isInstanceOf(FlowException.class)
        .hasMessage(
            "queue test: 8 interactive waiting, 3 more (expected: at most 10; try again later)")
        .extracting("code")
        .isEqualTo(ErrorCode.RESOURCE_EXHAUSTED);
    CompletableFuture<List<String>> second = submit(queue, SEARCH, "90");
    assertThat(queue.waitingCost(Priority.INTERACTIVE)).isEqualTo(10);
    assertThat(count(BatchMeter.REJECTED)).isEqualTo(2);
    gate.countDown();
    assertThat(first.join()).containsExactly("1234!", "5678!");
    assertThat(second.join()).containsExactly("90!");
    assertThat(queue.waitingCost(Priority.INTERACTIVE)).isZero();
  }

  @Test
  void takesMoreThanItsCapacityOnlyWhenNothingWaits() throws Exception {
    BatchQueue<String, String> queue = queue(10);
    block(queue);
    CompletableFuture<List<String>> large = submit(queue, SEARCH, "123456", "1234567");
    assertThatThrownBy(() -> submit(queue, SEARCH, "1")).isInstanceOf(FlowException.class);
    gate.countDown();
    assertThat(large.join()).hasSize(2);
  }

  @Test
  void fullBulkQueueRefusesNoSearch() throws Exception {
    BatchQueue<String, String> queue = queue(10);
    block(queue);
    submit(queue, INDEX, "1234567890");
    assertThatThrownBy(() -> submit(queue, INDEX, "1")).isInstanceOf(FlowException.class);
    CompletableFuture<List<String>> search = submit(queue, SEARCH, "1");
    gate.countDown();
    assertThat(search.join()).containsExactly("1!");
  }

  @Test
  void dropsExpiredItemsBeforeTheyRunAndCountsThem() throws Exception {
    BatchQueue<String, String> queue = queue(100);
    block(queue);
    Deadline deadline = Deadline.after(20, TimeUnit.MILLISECONDS);
    CompletableFuture<List<String>> late =
        queue.submit(SEARCH, List.of("late", "later"), deadline, Context.ROOT);
    CompletableFuture<List<String>> inTime = submit(queue, SEARCH, "inTime");
    while (!deadline.isExpired()) {
      Thread.onSpinWait();
    }
    gate.countDown();
    assertThat(code(late)).isEqualTo(ErrorCode.DEADLINE_EXCEEDED);
    assertThat(inTime.join()).containsExactly("inTime!");
    assertThat(batches).noneMatch(batch -> batch.items().contains("late"));
    assertThat(count(BatchMeter.DROPPED, "reason", "deadline")).isEqualTo(2);
  }

  @Test
  void waitingCallerIsAnsweredAtItsDeadlineWhileTheWorkerIsBusy() throws Exception {
    BatchQueue<String, String> queue = queue(100);
    block(queue);
    assertThatThrownBy(() ->
            queue.run(
                SEARCH, List.of("late"), Deadline.after(5, TimeUnit.MILLISECONDS), Context.ROOT))
        .asInstanceOf(throwable(FlowException.class))
        .extracting(FlowException::code)
        .isEqualTo(ErrorCode.DEADLINE_EXCEEDED);
    assertThat(queue.waitingCost(Priority.INTERACTIVE)).isZero();
    assertThat(count(BatchMeter.DROPPED, "reason", "deadline")).isEqualTo(1);
  }

  @Test
  void refusesItemsThatComeTooLate() {
    CompletableFuture<List<String>> late =
        queue(100)
            .submit(SEARCH, List.of("late"), Deadline.after(-1, TimeUnit.SECONDS), Context.ROOT);
    assertThat(code(late)).isEqualTo(ErrorCode.DEADLINE_EXCEEDED);
    assertThat(count(BatchMeter.DROPPED, "reason", "deadline")).isEqualTo(1);
  }

  @Test
  void cancellationFreesTheQueueAtOnce() throws Exception {
    BatchQueue<String, String> queue = queue(10);
    block(queue);
    Context.CancellableContext context = Context.ROOT.withCancellation();
    CompletableFuture<List<String>> left =
        queue.submit(SEARCH, List.of("12345", "67890"), null, context);
    context.cancel(null);
    assertThat(code(left)).isEqualTo(ErrorCode.CANCELLED);
    assertThat(queue.waitingCost(Priority.INTERACTIVE)).isZero();
    assertThat(count(BatchMeter.DROPPED, "reason", "cancelled")).isEqualTo(2);
    assertThat(submit(queue, SEARCH, "1234567890")).isNotDone();
  }

  @Test
  void cancellingTheAnswerDropsItsItems() throws Exception {
    BatchQueue<String, String> queue = queue(10);
    block(queue);
    submit(queue, SEARCH, "gone").cancel(false);
    assertThat(queue.waitingCost(Priority.INTERACTIVE)).isZero();
    assertThat(count(BatchMeter.DROPPED, "reason", "cancelled")).isEqualTo(1);
  }

  @Test
  void neverMixesKeysInABatch() throws Exception {
    BatchQueue<String, String> queue = queue(1000);
    block(queue);
    List<CompletableFuture<List<String>>> answers = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      ModelVersion model = new ModelVersion("minilm", 1 + i % 2);
      String endpoint = i % 4 < 2 ? "/search" : "/encode";
      BatchKey key = new BatchKey(endpoint, SEARCH.parameters(), model, Priority.INTERACTIVE);
      answers.add(submit(queue, key, key.endpoint() + key.model()));
    }
    gate.countDown();
    answers.forEach(CompletableFuture::join);
    assertThat(batches.subList(1, batches.size()))
        .hasSize(4)
        .allSatisfy(batch ->
            assertThat(batch.items())
                .hasSize(5)
                .containsOnly(batch.key().endpoint() + batch.key().model()));
  }

  @Test
  void servesSearchesFirstAndGivesBulkItsShare() throws Exception {
    BatchQueue<String, String> queue =
        queue(
            BatchOptions.of("test", 1).withCapacity(9999, 9999).withBulkShare(0.25),
            new ArrivalOrder(1, 10));
    block(queue);
    List<CompletableFuture<List<String>>> answers = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      answers.add(submit(queue, INDEX, "12"));
    }
    for (int i = 0; i < 100; i++) {
      answers.add(submit(queue, SEARCH, "12"));
    }
    gate.countDown();
    answers.forEach(CompletableFuture::join);
    List<Priority> order = batches.stream().skip(1).map(batch -> batch.key().priority()).toList();
    assertThat(order.getFirst()).isEqualTo(Priority.INTERACTIVE);
    long bulkWhileBothWait = order.subList(0, 120).stream().filter(Priority.BULK::equals).count();
    assertThat(bulkWhileBothWait).isEqualTo(30);
    assertThat(order.lastIndexOf(Priority.INTERACTIVE)).isBetween(130, 134);
  }

  @Test
  void bulkWithoutAShareWaitsForAllSearches() throws Exception {
    BatchQueue<String, String> queue =
        queue(BatchOptions.of("test", 1).withBulkShare(0), new ArrivalOrder(1, 10));
    block(queue);
    CompletableFuture<List<String>> bulk = submit(queue, INDEX, "bulk");
    for (int i = 0; i < 10; i++) {
      submit(queue, SEARCH, "search");
    }
    gate.countDown();
    bulk.join();
    assertThat(batches.getLast().items()).containsExactly("bulk");
    assertThat(batches).hasSize(12);
  }

  @Test
  void failedBatchFailsItsItemsAndTheWorkerGoesOn() throws Exception {
    BatchQueue<String, String> queue = queue(1000);
    block(queue);
    for (String poison : List.of("poison", "error", "interrupt", "short", "refuse")) {
      BatchKey key = BatchKey.of("/" + poison, Priority.INTERACTIVE);
      CompletableFuture<List<String>> poisoned = submit(queue, key, poison);
      if (gate.getCount() > 0) {
        gate.countDown();
      }
      assertThat(poisoned).as(poison).failsWithin(Duration.ofSeconds(30));
      assertThat(submit(queue, key, "next").join()).containsExactly("next!");
    }
  }

  @Test
  void everyItemOfAFailedBatchFailsWithItsFailure() throws Exception {
    BatchQueue<String, String> queue = queue(1000);
    block(queue);
    CompletableFuture<List<String>> one = submit(queue, SEARCH, "one");
    CompletableFuture<List<String>> two = submit(queue, SEARCH, "refuse");
    CompletableFuture<List<String>> other = submit(queue, INDEX, "other");
    gate.countDown();
    assertThat(code(one)).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    assertThat(code(two)).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    assertThat(other.join()).containsExactly("other!");
    assertThat(count(BatchMeter.FAILED)).isEqualTo(2);
  }

  @Test
  void restOfAGroupIsDroppedOnceOneOfItsBatchesFailed() throws Exception {
    BatchQueue<String, String> queue = queue(BatchOptions.of("test", 1), new ArrivalOrder(1, 100));
    block(queue);
    CompletableFuture<List<String>> answer = submit(queue, SEARCH, "refuse", "a", "b", "c");
    gate.countDown();
    assertThat(code(answer)).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    submit(queue, SEARCH, "last").join();
    assertThat(batches).hasSize(3);
    assertThat(count(BatchMeter.DROPPED, "reason", "failed")).isEqualTo(3);
  }

  @Test
  void wrongNumberOfOutputsAndForeignFailuresAreInternal() {
    BatchQueue<String, String> queue = queue(1000);
    assertThatThrownBy(() -> queue.run(SEARCH, List.of("short"), null, Context.ROOT))
        .hasMessage("batch outputs: 0 (expected: 1, one per item)")
        .extracting("code")
        .isEqualTo(ErrorCode.INTERNAL);
    assertThatThrownBy(() -> queue.run(SEARCH, List.of("poison"), null, Context.ROOT))
        .hasMessage("batch: poisoned")
        .extracting("code")
        .isEqualTo(ErrorCode.INTERNAL);
  }

  @Test
  void closeDrainsWhatWaitsAndRefusesWhatComes() throws Exception {
    BatchQueue<String, String> queue = queue(1000);
    CompletableFuture<List<String>> running = block(queue);
    CompletableFuture<List<String>> waiting = submit(queue, INDEX, "waiting");
    Thread closing = Thread.ofVirtual().start(queue::close);
    ErrorCode refused = null;
    while (refused != ErrorCode.UNAVAILABLE) {
      try {
        submit(queue, SEARCH, "new");
      } catch (FlowException failure) {
        refused = failure.code();
      }
    }
    gate.countDown();
    closing.join();
    assertThat(running).isCompleted();
    assertThat(waiting).isCompletedWithValue(List.of("waiting!"));
    assertThat(meters.getMeters()).isEmpty();
  }

  @Test
  void closeCancelsWhatIsLeftAfterItsGracePeriod() throws Exception {
    BatchQueue<String, String> queue = queue(1000);
    CompletableFuture<List<String>> running = block(queue);
    CompletableFuture<List<String>> waiting = submit(queue, SEARCH, "waiting");
    queue.close(Duration.ZERO);
    assertThat(code(waiting)).isEqualTo(ErrorCode.UNAVAILABLE);
    assertThat(running).isCompletedExceptionally();
    queue.close();
  }

  @Test
  void closeFlushesWhatWaitsForASize() {
    BatchQueue<String, String> queue =
        queue(BatchOptions.of("test", 1), new SizeOrTimeout(100, Duration.ofHours(1), false));
    CompletableFuture<List<String>> answer = submit(queue, SEARCH, "a");
    assertThat(answer).isNotDone();
    queue.close();
    assertThat(answer).isCompletedWithValue(List.of("a!"));
  }

  @Test
  void sizeStartsABatch() {
    BatchQueue<String, String> queue =
        queue(BatchOptions.of("test", 2), new SizeOrTimeout(3, Duration.ofHours(1), false));
    CompletableFuture<List<String>> first = submit(queue, SEARCH, "a", "b");
    CompletableFuture<List<String>> second = submit(queue, SEARCH, "c");
    assertThat(first.join()).containsExactly("a!", "b!");
    assertThat(second.join()).containsExactly("c!");
    assertThat(batches).extracting(Batched::items).containsExactly(List.of("a", "b", "c"));
  }

  @Test
  void timeoutStartsABatch() {
    BatchQueue<String, String> queue =
        queue(BatchOptions.of("test", 2), new SizeOrTimeout(3, Duration.ofMillis(5), false));
    assertThat(submit(queue, SEARCH, "a").join()).containsExactly("a!");
    assertThat(submit(queue, INDEX, "b").join()).containsExactly("b!");
  }

  @Test
  void metersTellBatchesAndWaits() {
    BatchQueue<String, String> queue = queue(1000);
    queue.run(SEARCH, List.of("a", "bcd"), null, Context.ROOT);
    assertThat(
            meters
                .get(BatchMeter.COST.key())
                .tags("queue", "test", "priority", "interactive")
                .summary()
                .totalAmount())
        .isEqualTo(4);
    assertThat(meters.get(BatchMeter.WAIT.key()).tags("priority", "interactive").timer().count())
        .isEqualTo(2);
    assertThat(meters.get(BatchMeter.WAITING_ITEMS.key()).tags("priority", "bulk").gauge().value())
        .isZero();
  }

  @Test
  void refusesOptionsOutOfRange() {
    BatchOptions good = BatchOptions.of("test", 1);
    assertThatThrownBy(() -> BatchOptions.of("test", 0))
        .hasMessage("workers: 0 (expected: 1..1024)");
    assertThatThrownBy(() -> good.withCapacity(0, 1))
        .hasMessage("interactive_capacity: 0 (expected: 1..)");
    assertThatThrownBy(() -> good.withCapacity(1, -5))
        .hasMessage("bulk_capacity: -5 (expected: 1..)");
    assertThatThrownBy(() -> good.withBulkShare(1))
        .hasMessage("bulk_share: 1.0 (expected: 0..1, less than 1)");
    assertThatThrownBy(() -> good.withBulkShare(Double.NaN)).isInstanceOf(FlowException.class);
    assertThatThrownBy(() -> good.withGrace(Duration.ofSeconds(-1)))
        .isInstanceOf(FlowException.class);
  }
}
