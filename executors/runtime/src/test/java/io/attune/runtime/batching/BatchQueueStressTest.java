package io.attune.runtime.batching;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.ModelVersion;
import io.attune.runtime.Priority;
import io.grpc.Context;
import io.grpc.Deadline;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Many callers, random groups, deadlines, cancellations, failing batches and a close in the midst
/// of it. Rerun from a printed seed with `-Dattune.seed=...`.
@SuppressWarnings("FutureReturnValueIgnored") // answers that a test does not look at
@Timeout(120)
class BatchQueueStressTest {
  private static final int CALLERS = 16;
  private static final int CALLS = 300;

  private final long seed = Long.getLong("attune.seed", System.nanoTime());
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final Map<Integer, Integer> runs = new ConcurrentHashMap<>();
  private final ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();
  private final AtomicInteger accepted = new AtomicInteger();
  private final AtomicInteger answered = new AtomicInteger();

  /// @param id unique
  /// @param cost what it costs
  /// @param key what it was submitted with
  private record Input(int id, int cost, BatchKey key) {}

  @ParameterizedTest
  @ValueSource(strings = {"near-equal", "arrival", "size-or-timeout", "yielding"})
  void everyItemIsAnsweredRightOrFailsClearlyAndRunsAtMostOnce(String name) throws Exception {
    BatchPolicy policy =
        switch (name) {
          case "near-equal", "yielding" -> new NearEqualCost(200, 16, 0.3);
          case "arrival" -> new ArrivalOrder(16, 200);
          default -> new SizeOrTimeout(100, Duration.ofMillis(1), false);
        };
    BatchOptions options = BatchOptions.of("stress", 3).withCapacity(2000, 2000);
    if (name.equals("yielding")) {
      options = options.withYieldingBulk();
    }
    BatchQueue<Input, Integer> queue =
        new BatchQueue<>(options, policy, Input::cost, this::run, meters);
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int caller = 0; caller < CALLERS; caller++) {
        int number = caller;
        callers.execute(() -> call(queue, number));
      }
    }
    Collection<Timer> waits = meters.find(BatchMeter.WAIT.key()).timers();
    Collection<Counter> drops = meters.find(BatchMeter.DROPPED.key()).counters();
    queue.close();
    assertThat(wrong).as("seed %d", seed).isEmpty();
    assertThat(queue.waitingCost(Priority.INTERACTIVE)).as("seed %d", seed).isZero();
    assertThat(queue.waitingCost(Priority.BULK)).as("seed %d", seed).isZero();
    assertThat(answered.get()).as("seed %d", seed).isPositive();
    assertThat(runs.values()).as("seed %d", seed).containsOnly(1);
    long started = waits.stream().mapToLong(Timer::count).sum();
    double dropped = drops.stream().mapToDouble(Counter::count).sum();
    assertThat(started).as("seed %d", seed).isEqualTo(runs.size());
    assertThat(started + dropped).as("seed %d", seed).isEqualTo(accepted.get());
  }

  private List<Integer> run(BatchKey key, List<Input> items) {
    for (Input item : items) {
      runs.merge(item.id(), 1, Integer::sum);
      if (!item.key().equals(key)) {
        wrong.add(item + " ran under " + key);
      }
    }
    if (items.stream().anyMatch(item -> item.id() % 997 == 0)) {
      throw new IllegalStateException("poisoned");
    }
    return items.stream().map(item -> -item.id()).toList();
  }

  private void call(BatchQueue<Input, Integer> queue, int caller) {
    Random random = new Random(seed + caller);
    for (int call = 0; call < CALLS; call++) {
      BatchKey key =
          new BatchKey(
              "/e" + random.nextInt(2),
              BatchKey.of("", Priority.BULK).parameters(),
              new ModelVersion("m", 1 + random.nextInt(2)),
              random.nextBoolean() ? Priority.BULK : Priority.INTERACTIVE);
      int first = (caller * CALLS + call) * 100;
      List<Input> inputs =
          IntStream.range(0, random.nextInt(12))
              .mapToObj(i -> new Input(first + i, 1 + random.nextInt(60), key))
              .toList();
      Deadline deadline =
          random.nextInt(4) == 0
              ? Deadline.after(random.nextInt(500), TimeUnit.MICROSECONDS)
              : null;
      Context.CancellableContext context = Context.ROOT.withCancellation();
      Thread leaver =
          random.nextInt(10) == 0 ? Thread.ofVirtual().start(() -> context.cancel(null)) : null;
      one(queue, key, inputs, deadline, context);
      context.close();
      if (leaver != null) {
        join(leaver);
      }
    }
  }

  private void one(
      BatchQueue<Input, Integer> queue,
      BatchKey key,
      List<Input> inputs,
      @Nullable Deadline deadline,
      Context context) {
    accepted.addAndGet(inputs.size());
    try {
      List<Integer> outputs = queue.run(key, inputs, deadline, context);
      if (!outputs.equals(inputs.stream().map(input -> -input.id()).toList())) {
        wrong.add("outputs " + outputs + " for " + inputs);
      }
      answered.addAndGet(outputs.size());
    } catch (FlowException failure) {
      if (failure.code() == ErrorCode.RESOURCE_EXHAUSTED) {
        accepted.addAndGet(-inputs.size());
      } else if (failure.code() == ErrorCode.INTERNAL
          && !"batch: poisoned".equals(failure.getMessage())) {
        wrong.add(failure.toString());
      }
    }
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException interrupt) {
      throw new AssertionError(interrupt);
    }
  }

  @Test
  void closingInTheMidstOfItAnswersEverything() throws Exception {
    BatchOptions options = BatchOptions.of("stress", 2).withCapacity(100_000, 100_000);
    BatchQueue<Input, Integer> queue =
        new BatchQueue<>(options, new NearEqualCost(50, 4, 1), Input::cost, this::run, meters);
    List<CompletableFuture<List<Integer>>> answers = new ArrayList<>();
    BatchKey key = BatchKey.of("/search", Priority.INTERACTIVE);
    Thread closing = null;
    for (int i = 1; i < 5000; i++) {
      if (i == 2500) {
        closing = Thread.ofVirtual().start(queue::close);
      }
      try {
        answers.add(
            queue.submit(key, List.of(new Input(i * 1000 + 1, 3, key)), null, Context.ROOT));
      } catch (FlowException failure) {
        assertThat(failure.code()).isEqualTo(ErrorCode.UNAVAILABLE);
      }
    }
    join(requireNonNull(closing));
    assertThat(answers).hasSizeGreaterThanOrEqualTo(2499);
    assertThat(answers).allSatisfy(answer -> assertThat(answer).isDone());
    assertThat(answers.stream().filter(answer -> answer.state() == Future.State.SUCCESS).count())
        .isGreaterThan(answers.size() - 100);
  }
}
