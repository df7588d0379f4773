package io.attune.indexer.durability;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Struct;
import io.attune.document.Document;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/// Threads that index, update, delete and clear at random, each with ids of its own, until the
/// indexer is gone; they note what they ask and what is answered.
final class Writers {
  private static final int THREADS = 4;
  private static final int IDS = 8;
  private static final int CLEAR_ONE_IN = 60;

  private final Expectation expectation;
  private final Semaphore answers = new Semaphore(0);
  private final ReentrantReadWriteLock clearing = new ReentrantReadWriteLock();
  private final AtomicInteger versions = new AtomicInteger();
  private final AtomicInteger spaces = new AtomicInteger();
  private volatile String space = "space@0";
  private volatile boolean isFixed;
  private volatile boolean mayFail;
  private volatile boolean isGone;

  Writers(Expectation expectation) {
    this.expectation = expectation;
  }

  /// The space of what was found; empty where nothing was, then another one may come.
  void foundSpace(String found) {
    space = found.isEmpty() ? "space@" + spaces.incrementAndGet() : found;
  }

  /// Writes in one space from now on, and clears nothing, as there are documents of others.
  void writesIn(String chosen) {
    space = chosen;
    isFixed = true;
  }

  /// Answers so far in this run, one permit each.
  Semaphore answers() {
    return answers;
  }

  /// Failures are expected from now on: the indexer is about to go.
  void mayFail() {
    mayFail = true;
  }

  /// Runs the threads while an action brings the indexer down.
  void runUntil(Client client, Random random, Callable<?> end) throws Exception {
    answers.drainPermits();
    mayFail = false;
    isGone = false;
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> writers = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        String prefix = "writer" + i + "-";
        Random own = new Random(random.nextLong());
        writers.add(threads.submit(() -> write(client, prefix, own)));
      }
      end.call();
      for (Future<?> writer : writers) {
        writer.get();
      }
    } catch (ExecutionException e) {
      throw new AssertionError("a writer failed", e);
    }
  }

  private void write(Client client, String prefix, Random random) {
    try {
      while (step(client, prefix, random)) {
        answers.release();
      }
    } catch (FlowException e) {
      if (!mayFail || e.code() != ErrorCode.UNAVAILABLE) {
        throw e;
      }
    } finally {
      // whoever waits for answers need not wait longer
      answers.release(Short.MAX_VALUE);
    }
  }

  /// Does one thing.
  ///
  /// @return false where another thread has found the indexer gone
  private boolean step(Client client, String prefix, Random random) {
    int choice = isFixed ? 1 + random.nextInt(CLEAR_ONE_IN) : random.nextInt(CLEAR_ONE_IN);
    Lock lock = choice == 0 ? clearing.writeLock() : clearing.readLock();
    lock.lock();
    try {
      if (isGone) {
        return false;
      }
      if (choice == 0) {
        clear(client, random);
      } else {
        change(client, prefix, random, choice % 5);
      }
      return true;
    } catch (FlowException e) {
      isGone = true;
      throw e;
    } finally {
      lock.unlock();
    }
  }

  private void change(Client client, String prefix, Random random, int choice) {
    Map<String, String> before = new LinkedHashMap<>();
    int count = 1 + random.nextInt(4);
    for (int i = 0; i < count; i++) {
      String id = prefix + random.nextInt(IDS);
      before.put(id, expectation.version(id));
    }
    List<String> unknown =
        before.entrySet().stream()
            .filter(entry -> entry.getValue().equals(Expectation.ABSENT))
            .map(Map.Entry::getKey)
            .toList();
    boolean deletes = choice == 0;
    boolean updates = choice == 1;
    Map<String, String> after = new LinkedHashMap<>(before);
    after.replaceAll((_, _) -> deletes ? Expectation.ABSENT : "v" + versions.incrementAndGet());
    List<Document> documents =
        after.entrySet().stream()
            .map(entry -> Expectation.document(entry.getKey(), entry.getValue(), space))
            .toList();
    if (updates) {
      unknown.forEach(id -> after.put(id, Expectation.ABSENT));
    }
    after.forEach(expectation::asked);
    Struct results =
        deletes
            ? client.delete(after.keySet())
            : client.call(updates ? "/update" : "/index", documents);
    after.forEach(expectation::answered);
    if (deletes || updates) {
      assertThat(Client.names(results, "unknown", unknown))
          .as("%s of %s", results, before)
          .isTrue();
    }
  }

  private void clear(Client client, Random random) {
    expectation.ids().forEach(id -> expectation.asked(id, Expectation.ABSENT));
    var _ = client.call("/clear", List.of());
    expectation.ids().forEach(id -> expectation.answered(id, Expectation.ABSENT));
    if (random.nextBoolean()) {
      foundSpace("");
    }
  }
}
