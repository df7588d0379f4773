package io.attune.indexer.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.proto.docarray.DocumentProto;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Crashes at every operation on the disk: whatever survives must be a state that the shard was in,
/// with everything in it that was acknowledged.
///
/// Each test prints nothing unless it fails; the failure names the seed and the operation.
final class LogCrashTest {
  private static final LogOptions OPTIONS =
      LogOptions.of("0/1").withSegmentBytes(1_500).withMinFreeBytes(0);
  private static final int APPENDS = 25;

  private Random random = new Random();
  private ShardModel model = new ShardModel(random);

  /// The newest sequence that was acknowledged.
  private long acknowledged;

  /// What the index has committed: a state and its sequence.
  private Map<String, DocumentProto> committed = Map.of();

  private long committedSequence;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void powerLossAtEveryOperation(long seed) throws IOException {
    crashEverywhere(seed, false);
  }

  @ParameterizedTest
  @ValueSource(longs = {11, 12})
  void killAtEveryOperation(long seed) throws IOException {
    crashEverywhere(seed, true);
  }

  private void crashEverywhere(long seed, boolean isKill) throws IOException {
    for (long crashAt = 1; ; crashAt++) {
      reset(seed * 1_000_003 + crashAt);
      SimulatedDisk disk = new SimulatedDisk(random);
      disk.crashAt = crashAt;
      boolean isFinished = run(disk);
      SimulatedDisk next = isKill ? disk.killed() : disk.surviving();
      String where = "seed %d, crash at operation %d".formatted(seed, crashAt);
      recover(next, where);
      // what was recovered must hold a second time, and take more
      next.crashAt = next.operations + 1 + random.nextInt(40);
      run(next);
      recover(isKill ? next.killed() : next.surviving(), where + ", then again");
      if (isFinished) {
        assertThat(crashAt).as("operations of the run").isGreaterThan(APPENDS * 3L);
        return;
      }
    }
  }

  private void reset(long seed) {
    random = new Random(seed);
    model = new ShardModel(random);
    acknowledged = 0;
    committed = Map.of();
    committedSequence = 0;
  }

  /// Appends, commits and truncates until the disk crashes.
  ///
  /// @return whether it did not
  private boolean run(SimulatedDisk disk) {
    try {
      Map<String, DocumentProto> index = new HashMap<>(model.after(model.lastSequence()));
      try (IndexLog log = IndexLog.open(disk, OPTIONS, () -> {})) {
        log.start(records ->
            records.forEach(record -> ShardModel.apply(index, record.id(), record.document())));
        for (int i = 0; i < APPENDS; i++) {
          List<LogOperation> operations = model.nextOperations();
          model.append(operations);
          Ticket ticket = log.append(operations);
          ticket.awaitApplied();
          acknowledged = ticket.lastSequence();
          assertThat(acknowledged).isEqualTo(model.lastSequence());
          assertThat(index).isEqualTo(model.after(acknowledged));
          if (random.nextInt(8) == 0) {
            committed = new HashMap<>(index);
            committedSequence = acknowledged;
            log.truncateBefore(committedSequence + 1);
          }
        }
      }
      return true;
    } catch (IOException | FlowException _) {
      return false;
    }
  }

  private void recover(SimulatedDisk disk, String where) throws IOException {
    try (IndexLog log = IndexLog.open(disk, OPTIONS, () -> {})) {
      long last = log.lastSequence();
      assertThat(last).as(where).isBetween(acknowledged, model.lastSequence());
      Map<String, DocumentProto> state = new HashMap<>(committed);
      log.replay(
          committedSequence + 1, record -> ShardModel.apply(state, record.id(), record.document()));
      assertThat(state).as(where).isEqualTo(model.after(last));
      model.forgetAfter(last);
      acknowledged = last;
    }
  }
}
