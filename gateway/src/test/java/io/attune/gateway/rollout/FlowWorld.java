package io.attune.gateway.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.gateway.rollout.record.FolderRecords;
import io.attune.gateway.rollout.record.LiveRecord;
import io.attune.gateway.rollout.record.Records;
import io.attune.gateway.rollout.record.RolloutRecord;
import io.attune.gateway.rollout.record.RolloutSettings;
import io.attune.gateway.rollout.record.RolloutStore;
import io.attune.proto.attune.OwnVectors;
import io.attune.proto.attune.RolloutOptions;
import io.attune.proto.attune.RolloutState;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.ModelVersion;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/// A Flow of fake participants around a real coordinator and a real gateway's part.
final class FlowWorld implements AutoCloseable {
  static final Duration TIME = Duration.ofSeconds(20);
  static final Timing TIMING =
      new Timing(
          Duration.ofSeconds(15),
          Duration.ofMillis(300),
          Duration.ofMillis(1),
          Duration.ofMillis(5),
          TIME);

  final Path folder;
  final List<FakePeer> executors = new ArrayList<>();
  final AtomicInteger newest = new AtomicInteger(2);
  final AtomicInteger fenced = new AtomicInteger();
  final AtomicLong nanos = new AtomicLong();
  Map<String, Integer> expected = Map.of();
  Timing timing = TIMING;
  Judge judge = Judge.NONE;
  Stamps stamps = new Stamps(List.of());

  @SuppressWarnings("NullAway.Init") // by start
  Coordinator coordinator;

  FlowWorld(Path folder, FakePeer... executors) {
    this.folder = folder;
    this.executors.addAll(List.of(executors));
  }

  /// Starts coordinator and gateway, as one process.
  FlowWorld start() {
    return start(new FolderRecords(folder));
  }

  FlowWorld start(Records records) {
    stamps = new Stamps(List.of());
    coordinator = coordinator(records);
    for (FakePeer each : executors) {
      coordinator.add(each.identity(), each);
    }
    GatewayPart part =
        new GatewayPart(new Identity(Identity.Kind.GATEWAY, "gateway", 0, 0), stamps);
    coordinator.add(part.identity(), part);
    return this;
  }

  Coordinator coordinator(Records records) {
    Coordinator.Options options =
        new Coordinator.Options(
            this::entry,
            _ -> "",
            Map.of(),
            expected,
            false,
            timing,
            fenced::incrementAndGet,
            judge);
    return new Coordinator(
        new RolloutStore(records),
        options,
        InstantSource.system(),
        new Members(timing.timeToLive(), nanos::get));
  }

  private Catalog.Entry entry(String reference) {
    int at = reference.indexOf('@');
    int version = at < 0 ? newest.get() : Integer.parseInt(reference.substring(at + 1));
    if (version > newest.get()) {
      throw new FlowException(ErrorCode.NOT_FOUND, "model: " + reference + " is not in the store");
    }
    return new Catalog.Entry(new ModelVersion("m", version), "space-" + version, 64);
  }

  static RolloutSettings settings(int drainSeconds) {
    return RolloutSettings.of(
        RolloutOptions.newBuilder()
            .setOwnVectors(OwnVectors.OWN_VECTORS_DROP)
            .setDrainSeconds(drainSeconds)
            .build());
  }

  RolloutRecord swap(int version, int drainSeconds) {
    return coordinator.start("m", Integer.toString(version), settings(drainSeconds), "");
  }

  LiveRecord live() {
    return coordinator.live().getFirst();
  }

  /// Waits for a rollout to be somewhere.
  RolloutRecord await(String id, Predicate<RolloutRecord> there) {
    RolloutRecord[] last = new RolloutRecord[1];
    until(() -> {
      last[0] = coordinator.find(id);
      return there.test(last[0]);
    });
    return last[0];
  }

  RolloutRecord awaitReached(String id, RolloutState state) {
    return await(id, rollout -> rollout.state() == state && rollout.reached());
  }

  /// Waits until every participant is where the Flow is.
  void awaitCurrent() {
    until(() -> coordinator.members().present().stream().allMatch(coordinator::isCurrent));
  }

  static void until(BooleanSupplier condition) {
    long end = System.nanoTime() + TIME.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("time is over").isLessThan(end);
      LockSupport.parkNanos(200_000);
    }
  }

  @Override
  public void close() {
    coordinator.close();
  }
}
