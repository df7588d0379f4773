package io.attune.indexer.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.proto.docarray.DocumentProto;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Disks that are full, fail or are slow.
final class LogFailureTest {
  private static final LogOptions OPTIONS = LogOptions.of("0/1").withMinFreeBytes(0);

  private final SimulatedDisk disk = new SimulatedDisk(new Random(7));
  private final List<LogRecord> applied = Collections.synchronizedList(new ArrayList<>());

  private static LogOperation put(String id, int bytes) {
    return LogOperation.put(
        DocumentProto.newBuilder().setId(id).setText("x".repeat(bytes)).build());
  }

  private IndexLog started(LogOptions options) throws IOException {
    IndexLog log = IndexLog.open(disk, options, () -> {});
    log.start(applied::addAll);
    return log;
  }

  private static void assertFails(Ticket ticket, ErrorCode code, String message) {
    assertThatThrownBy(ticket::awaitApplied)
        .isInstanceOfSatisfying(FlowException.class, e -> assertThat(e.code()).isEqualTo(code))
        .hasMessageContaining(message);
  }

  private List<LogRecord> afterKill() throws IOException {
    try (IndexLog log = IndexLog.open(disk.killed(), OPTIONS, () -> {})) {
      List<LogRecord> records = new ArrayList<>();
      log.replay(1, records::add);
      return records;
    }
  }

  @Test
  void aFullDiskRefusesWritesWithoutATraceAndRecovers() throws IOException {
    try (IndexLog log = started(OPTIONS)) {
      log.append(List.of(put("a", 10))).awaitApplied();
      byte[] before = disk.bytes(disk.list().getFirst());
      disk.capacity = before.length + 500L;
      assertFails(
          log.append(List.of(put("b", 10), put("c", 10_000))),
          ErrorCode.RESOURCE_EXHAUSTED,
          "No space left on device");
      assertThat(disk.bytes(disk.list().getFirst())).isEqualTo(before);
      assertThat(log.newestPending("b")).isNull();
      assertThat(log.lastSequence()).isEqualTo(1);
      // what still fits is taken, and everything once there is space
      log.append(List.of(put("d", 10))).awaitApplied();
      disk.capacity = Long.MAX_VALUE;
      Ticket ticket = log.append(List.of(put("e", 10_000)));
      ticket.awaitApplied();
      assertThat(ticket.lastSequence()).isEqualTo(3);
      assertThat(applied).extracting(LogRecord::id).containsExactly("a", "d", "e");
      assertThat(afterKill()).isEqualTo(applied);
    }
  }

  @Test
  void refusesWritesBeforeTheDiskIsFull() throws IOException {
    try (IndexLog log = started(OPTIONS.withMinFreeBytes(1_000))) {
      disk.usable = 1_100;
      assertFails(
          log.append(List.of(put("a", 200))),
          ErrorCode.RESOURCE_EXHAUSTED,
          "disk: 1100 bytes are free");
      disk.usable = 10_000;
      log.append(List.of(put("a", 200))).awaitApplied();
      assertThat(applied).extracting(LogRecord::sequence).containsExactly(1L);
    }
  }

  @Test
  void aFailedWriteTakesAllThatIsQueuedBehindItAlong() throws Exception {
    CountDownLatch isSyncing = new CountDownLatch(1);
    CountDownLatch maySync = new CountDownLatch(1);
    try (IndexLog log = started(OPTIONS)) {
      gate(isSyncing, maySync);
      Ticket first = log.append(List.of(put("a", 10)));
      isSyncing.await();
      Ticket second = log.append(List.of(put("b", 10)));
      Ticket third =
          log.append(pending -> pending.newest("b") == null ? List.of() : List.of(put("c", 10)));
      disk.failing = "write";
      maySync.countDown();
      // the first is durable although the note of that could not be written
      first.awaitApplied();
      assertFails(second, ErrorCode.UNAVAILABLE, "write failed");
      assertFails(third, ErrorCode.UNAVAILABLE, "write failed");
      disk.failing = "";
      Ticket fourth = log.append(List.of(put("d", 10)));
      fourth.awaitApplied();
      assertThat(fourth.lastSequence()).isEqualTo(2);
      assertThat(afterKill()).extracting(LogRecord::id).containsExactly("a", "d");
    }
  }

  private void gate(CountDownLatch isSyncing, CountDownLatch maySync) {
    disk.beforeSync =
        () -> {
          isSyncing.countDown();
          try {
            maySync.await();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        };
  }

  @ParameterizedTest
  @ValueSource(strings = {"sync", "write truncate"})
  void stopsWritesWhereItIsNotKnownWhatTheDiskHolds(String failing) throws IOException {
    IndexLog log = started(OPTIONS);
    log.append(List.of(put("a", 10))).awaitApplied();
    disk.failing = failing;
    assertFails(log.append(List.of(put("b", 10))), ErrorCode.UNAVAILABLE, "a restart");
    disk.failing = "";
    assertThatThrownBy(() -> log.append(List.of(put("c", 10))))
        .isInstanceOfSatisfying(
            FlowException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE))
        .hasMessageContaining("a restart");
    assertThat(log.statistics().stopReason()).contains("a restart");
    List<LogRecord> readable = new ArrayList<>();
    log.replay(1, readable::add);
    assertThat(readable).isEqualTo(applied).hasSize(1);
    log.close();
    assertThat(afterKill())
        .startsWith(applied.getFirst())
        .extracting(LogRecord::id)
        .doesNotContain("c");
  }

  @ParameterizedTest
  @ValueSource(strings = {"create", "rename", "folder", "write"})
  void goesOnAfterASegmentCouldNotBeCreated(String failing) throws IOException {
    try (IndexLog log = started(OPTIONS.withSegmentBytes(1))) {
      log.append(List.of(put("a", 10))).awaitApplied();
      disk.failing = failing;
      Ticket refused = log.append(List.of(put("b", 10)));
      assertThatThrownBy(refused::awaitApplied).hasMessageContaining(failing + " failed");
      disk.failing = "";
      boolean isStopped = !log.statistics().stopReason().isEmpty();
      assertThat(isStopped).isEqualTo(failing.equals("folder"));
      if (!isStopped) {
        log.append(List.of(put("c", 10))).awaitApplied();
        assertThat(log.statistics().segments()).isEqualTo(2);
      }
    }
    assertThat(afterKill()).isEqualTo(applied);
  }

  @Test
  void nothingIsAppliedOrAnsweredBeforeItIsSynced() throws Exception {
    CountDownLatch isSyncing = new CountDownLatch(1);
    CountDownLatch maySync = new CountDownLatch(1);
    try (IndexLog log = started(OPTIONS)) {
      gate(isSyncing, maySync);
      Ticket ticket = log.append(List.of(put("a", 10)));
      isSyncing.await();
      assertThat(ticket.applied()).isNotDone();
      assertThat(applied).isEmpty();
      assertThat(log.syncedSequence()).isZero();
      List<LogRecord> readable = new ArrayList<>();
      log.replay(1, readable::add);
      assertThat(readable).isEmpty();
      maySync.countDown();
      ticket.awaitApplied();
      assertThat(applied).hasSize(1);
    }
  }

  @Test
  void aWaiterThatIsInterruptedHarmsNobodyElse() throws Exception {
    CountDownLatch isSyncing = new CountDownLatch(1);
    CountDownLatch maySync = new CountDownLatch(1);
    AtomicInteger cancelled = new AtomicInteger();
    try (IndexLog log = started(OPTIONS)) {
      gate(isSyncing, maySync);
      Ticket ticket = log.append(List.of(put("a", 10)));
      Thread waiter =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  ticket.awaitApplied();
                } catch (FlowException e) {
                  cancelled.addAndGet(e.code() == ErrorCode.CANCELLED ? 1 : 0);
                }
              });
      isSyncing.await();
      waiter.interrupt();
      waiter.join();
      assertThat(cancelled).hasValue(1);
      maySync.countDown();
      ticket.awaitApplied();
      log.append(List.of(put("b", 10))).awaitApplied();
    }
  }

  @Test
  void closingWritesWhatWaits() throws Exception {
    CountDownLatch isSyncing = new CountDownLatch(1);
    CountDownLatch maySync = new CountDownLatch(1);
    IndexLog log = started(OPTIONS);
    gate(isSyncing, maySync);
    log.append(List.of(put("a", 10)));
    isSyncing.await();
    Ticket queued = log.append(List.of(put("b", 10)));
    Thread closer = Thread.ofPlatform().start(() -> closeUnchecked(log));
    maySync.countDown();
    queued.awaitApplied();
    closer.join();
    assertThat(applied).hasSize(2);
    assertThatThrownBy(() -> log.append(List.of(put("c", 10)))).hasMessage("log: it is closed");
    log.close();
  }

  private static void closeUnchecked(IndexLog log) {
    try {
      log.close();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
