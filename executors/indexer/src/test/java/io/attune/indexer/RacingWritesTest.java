package io.attune.indexer;

import static io.attune.indexer.PlantedSpaces.NEW;
import static io.attune.indexer.PlantedSpaces.OLD;
import static org.assertj.core.api.Assertions.assertThat;

import io.attune.document.Document;
import io.attune.proto.attune.RolloutState;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Threads that index, update, delete and clear in either space while an index is taken from one
/// space to the other and back, by an encoder that is slow and fails at random, and while the index
/// is closed and killed at random moments: compared with a plain map of what was acknowledged.
///
/// `-Dattune.rollouts=N` (default 4) and `-Dattune.seed=N` extend and rerun it.
@Timeout(120)
class RacingWritesTest {
  private static final int ROLLOUTS = Integer.getInteger("attune.rollouts", 4);
  private static final int WRITERS = 3;
  private static final int IDS = 20;

  @TempDir Path folder;

  private final long seed = Long.getLong("attune.seed", new Random().nextLong());
  private final Random random = new Random(seed);
  private final AtomicInteger versions = new AtomicInteger();
  private final AtomicBoolean isOver = new AtomicBoolean();

  /// Held for reading by a write, for writing by whoever wants to see the index with none.
  private final ReentrantReadWriteLock quiet = new ReentrantReadWriteLock(true);

  // each id is written by one thread, and all are looked at under the write lock
  private final List<Map<String, String>> expected = new ArrayList<>();
  private final Map<String, Set<String>> history = new ConcurrentHashMap<>();
  private RolloutHarness index;
  private volatile String from = OLD;
  private volatile String to = NEW;
  private int readySeen;

  @BeforeEach
  void open() throws IOException {
    index = new RolloutHarness(folder, "commit_interval_ms", 10, "log_segment_bytes", 4096);
    index.embedders.before = _ -> disturb();
  }

  @Test
  void nothingIsLostResurrectedOrMixed() throws Exception {
    List<CompletableFuture<Void>> writers = new ArrayList<>();
    try {
      // from here on the index knows which space a write may begin it with once it is cleared
      index.move(RolloutHarness.to(RolloutState.PREPARING));
      for (int i = 0; i < WRITERS; i++) {
        expected.add(new HashMap<>());
        String prefix = "w" + i + "-";
        Map<String, String> own = expected.get(i);
        Random ownRandom = new Random(random.nextLong());
        seedDocuments(prefix, own);
        writers.add(
            CompletableFuture.runAsync(
                () -> write(prefix, own, ownRandom), Thread.ofVirtual()::start));
      }
      for (int epoch = 1; epoch <= ROLLOUTS; epoch++) {
        rollOut(epoch);
      }
    } finally {
      isOver.set(true);
      for (CompletableFuture<Void> writer : writers) {
        writer.get(1, TimeUnit.MINUTES);
      }
      index.embedders.before = _ -> {};
      index.close();
    }
    assertThat(readySeen).as("seed %d", seed).isPositive();
  }

  /// What an encoder does to those who call it.
  private void disturb() {
    ThreadLocalRandom any = ThreadLocalRandom.current();
    switch (any.nextInt(12)) {
      case 0 -> throw FakeEmbedders.unavailable();
      case 1 -> LockSupport.parkNanos(any.nextLong(3_000_000));
      case 2 -> {
        if (any.nextInt(3) == 0) {
          throw new FlowException(ErrorCode.INTERNAL, "encoder: once");
        }
      }
      default -> {}
    }
  }

  private void seedDocuments(String prefix, Map<String, String> own) {
    List<Document> documents = new ArrayList<>();
    for (int i = 0; i < IDS; i++) {
      String text = text(prefix + i);
      documents.add(PlantedSpaces.document(prefix + i, text, OLD));
      own.put(prefix + i, text);
    }
    index.shard.index(documents, "");
  }

  private String text(String id) {
    String text = "v" + versions.incrementAndGet();
    history.computeIfAbsent(id, _ -> ConcurrentHashMap.newKeySet()).add(text);
    return text;
  }

  private void write(String prefix, Map<String, String> own, Random any) {
    while (!isOver.get()) {
      boolean clears = any.nextInt(400) == 0;
      var lock = clears ? quiet.writeLock() : quiet.readLock();
      lock.lock();
      try {
        if (clears) {
          index.shard.clear();
          expected.forEach(Map::clear);
        } else {
          change(prefix, own, any);
        }
      } finally {
        lock.unlock();
      }
    }
  }

  private void change(String prefix, Map<String, String> own, Random any) {
    String space = any.nextInt(3) == 0 ? to : from;
    List<String> ids = new ArrayList<>(new HashSet<>(List.of(id(prefix, any), id(prefix, any))));
    if (any.nextInt(4) == 0) {
      index.shard.delete(ids);
      ids.forEach(own::remove);
      return;
    }
    Map<String, String> texts = new TreeMap<>();
    ids.forEach(id -> texts.put(id, text(id)));
    try {
      put(texts, space, own, any.nextBoolean());
    } catch (FlowException e) {
      // only for a space that the index does not hold now: never for that of the live version
      assertThat(e).hasMessageContaining("embedding of space " + space);
      assertThat(space).as("seed %d: %s", seed, e).isNotEqualTo(from);
    }
  }

  private void put(
      Map<String, String> texts, String space, Map<String, String> own, boolean updates) {
    List<Document> documents = new ArrayList<>();
    texts.forEach((id, text) -> documents.add(PlantedSpaces.document(id, text, space)));
    if (updates) {
      List<String> unknown = index.shard.update(documents, "");
      assertThat(unknown).allMatch(id -> !own.containsKey(id));
      texts.keySet().removeAll(unknown);
    } else {
      index.shard.index(documents, "");
    }
    own.putAll(texts);
  }

  private static String id(String prefix, Random any) {
    return prefix + any.nextInt(IDS);
  }

  /// Takes the index to the other space, through each state; in the end the other is the one.
  private void rollOut(int epoch) throws Exception {
    List<RolloutState> way = new ArrayList<>(List.of(RolloutState.PREPARING));
    way.addAll(List.of(RolloutState.REINDEXING, RolloutState.READY, RolloutState.LIVE));
    boolean isBack = random.nextInt(3) == 0;
    if (isBack) {
      way = new ArrayList<>(way.subList(0, 1 + random.nextInt(4)));
      way.add(RolloutState.ROLLED_BACK);
    } else {
      way.add(RolloutState.RETIRED);
    }
    for (RolloutState state : way) {
      if (state == RolloutState.RETIRED) {
        // the gateways have changed over
        quietly(() -> {
          String former = from;
          from = to;
          to = former;
        });
      }
      go(epoch, state);
      quietly(() -> check("seed %d, epoch %d, %s".formatted(seed, epoch, state)));
    }
  }

  private interface Action {
    void run() throws IOException;
  }

  private void quietly(Action action) throws IOException {
    quiet.writeLock().lock();
    try {
      action.run();
    } finally {
      quiet.writeLock().unlock();
    }
  }

  /// Gives a command until it is reached, opening the index anew now and then.
  private void go(int epoch, RolloutState state) throws Exception {
    var command =
        RolloutHarness.to(state)
            .setRollout("r" + epoch)
            .setEpoch(epoch)
            .setFromSpace(source(state))
            .setToSpace(source(state).equals(OLD) ? NEW : OLD);
    command.setFromVersion(command.getFromSpace().equals(OLD) ? "1" : "2");
    command.setToVersion(command.getToSpace().equals(OLD) ? "1" : "2");
    while (true) {
      CompletableFuture<Void> moving =
          CompletableFuture.runAsync(() -> index.move(command), Thread.ofVirtual()::start);
      if (random.nextInt(3) > 0) {
        moving.get(1, TimeUnit.MINUTES);
        return;
      }
      LockSupport.parkNanos(random.nextLong(30_000_000));
      quietly(() -> {
        check("seed %d, epoch %d, before it is opened again".formatted(seed, epoch));
        index.reopen(random.nextBoolean());
        check("seed %d, epoch %d, opened again".formatted(seed, epoch));
      });
      try {
        moving.get(1, TimeUnit.MINUTES);
        return;
      } catch (ExecutionException e) {
        assertThat(e).hasMessageContaining("it closes");
      }
    }
  }

  private String source(RolloutState state) {
    // once the gateways have changed over, what writers call from is where the rollout goes
    return state == RolloutState.RETIRED ? to : from;
  }

  /// With nothing under way: what is ready holds what was acknowledged, and nothing holds what was
  /// deleted, a text that never was, or a vector of the other space.
  private void check(String where) throws IOException {
    Map<String, String> all = new TreeMap<>();
    expected.forEach(all::putAll);
    for (String space : List.of(OLD, NEW)) {
      // asked before it is looked at: one that is behind may come up meanwhile
      boolean isReady = index.isReady(space) || index.shard.generations().size() == 1;
      Map<String, String> found = index.textsIfThere(space);
      if (found == null) {
        continue;
      }
      if (isReady) {
        readySeen++;
        assertThat(found).as(where).isEqualTo(all);
      } else {
        assertThat(all.keySet()).as(where).containsAll(found.keySet());
        found.forEach((id, text) -> assertThat(history.get(id)).as(where).contains(text));
      }
    }
  }
}
