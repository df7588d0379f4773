package io.attune.indexer.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.proto.docarray.DocumentProto;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class IndexLogTest {
  private static final LogOptions OPTIONS = LogOptions.of("0/1").withMinFreeBytes(0);

  @TempDir Path folder;

  private final List<LogRecord> applied = Collections.synchronizedList(new ArrayList<>());

  private static DocumentProto document(String id, String text) {
    return DocumentProto.newBuilder().setId(id).setText(text).build();
  }

  private static LogOperation put(String id, String text) {
    return LogOperation.put(document(id, text));
  }

  private static List<LogRecord> replay(IndexLog log, long from) throws IOException {
    List<LogRecord> records = new ArrayList<>();
    log.replay(from, records::add);
    return records;
  }

  private IndexLog started(LogOptions options) throws IOException {
    IndexLog log = IndexLog.open(folder, options);
    log.start(applied::addAll);
    return log;
  }

  @Test
  void givesBackWhatWasAcknowledgedAfterReopening() throws IOException {
    try (IndexLog log = started(OPTIONS)) {
      Ticket ticket =
          log.append(List.of(put("a", "one"), put("b", "two"), LogOperation.delete("a")));
      ticket.awaitApplied();
      assertThat(ticket.firstSequence()).isEqualTo(1);
      assertThat(ticket.lastSequence()).isEqualTo(3);
      assertThat(log.syncedSequence()).isEqualTo(3);
    }
    List<LogRecord> expected =
        List.of(
            new LogRecord(1, "a", document("a", "one")),
            new LogRecord(2, "b", document("b", "two")),
            new LogRecord(3, "a", null));
    assertThat(applied).isEqualTo(expected);
    try (IndexLog log = IndexLog.open(folder, OPTIONS)) {
      assertThat(replay(log, 1)).isEqualTo(expected);
      assertThat(replay(log, 3)).isEqualTo(expected.subList(2, 3));
      assertThat(replay(log, 4)).isEmpty();
      assertThat(log.lastSequence()).isEqualTo(3);
    }
  }

  @Test
  void goesOnWithTheNextSequenceAfterReopening() throws IOException {
    for (int round = 1; round <= 3; round++) {
      try (IndexLog log = started(OPTIONS)) {
        Ticket ticket = log.append(List.of(put("a", "round " + round)));
        ticket.awaitApplied();
        assertThat(ticket.firstSequence()).isEqualTo(round);
        assertThat(replay(log, 1)).hasSize(round);
      }
    }
  }

  @Test
  void rollsSegmentsAndDeletesWholeOnesOnly() throws IOException {
    try (IndexLog log = started(OPTIONS.withSegmentBytes(1))) {
      for (int i = 1; i <= 5; i++) {
        log.append(List.of(put("a", "x"), put("b", "y"))).awaitApplied();
      }
      assertThat(log.statistics().segments()).isEqualTo(5);
      log.truncateBefore(6);
      assertThat(log.firstSequence()).isEqualTo(5);
      assertThat(replay(log, 5)).hasSize(6);
      log.truncateBefore(1_000);
      assertThat(log.firstSequence()).isEqualTo(9);
    }
    try (IndexLog log = IndexLog.open(folder, OPTIONS)) {
      assertThat(replay(log, 9)).hasSize(2);
      assertThatThrownBy(() -> log.replay(8, _ -> {}))
          .isInstanceOf(FlowException.class)
          .hasMessageContaining("begins with record 9 (expected: record 8");
      assertThatThrownBy(() -> log.replay(12, _ -> {}))
          .isInstanceOf(FlowException.class)
          .hasMessageContaining("ends with record 10 (expected: at least record 11");
    }
  }

  @Test
  void syncsOnceForAllThatWait() throws Exception {
    CountDownLatch firstIsApplying = new CountDownLatch(1);
    CountDownLatch othersAreQueued = new CountDownLatch(1);
    try (IndexLog log = IndexLog.open(folder, OPTIONS)) {
      log.start(records -> {
        firstIsApplying.countDown();
        awaitQuietly(othersAreQueued);
        applied.addAll(records);
      });
      List<Ticket> tickets = new ArrayList<>();
      tickets.add(log.append(List.of(put("0", "first"))));
      firstIsApplying.await();
      for (int i = 1; i <= 100; i++) {
        tickets.add(log.append(List.of(put(String.valueOf(i), "then"))));
      }
      othersAreQueued.countDown();
      tickets.forEach(Ticket::awaitApplied);
      assertThat(log.statistics().syncs()).isEqualTo(2);
      assertThat(log.statistics().appendedRecords()).isEqualTo(101);
      assertThat(applied).extracting(LogRecord::sequence).isSorted().hasSize(101);
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void showsAPlanTheRecordsOnTheirWay() throws Exception {
    CountDownLatch isApplying = new CountDownLatch(1);
    CountDownLatch mayFinish = new CountDownLatch(1);
    try (IndexLog log = IndexLog.open(folder, OPTIONS)) {
      log.start(_ -> {
        isApplying.countDown();
        awaitQuietly(mayFinish);
      });
      Ticket first = log.append(List.of(put("a", "one"), put("b", "one"), put("a", "two")));
      isApplying.await();
      List<LogRecord> seen = new ArrayList<>();
      Ticket second =
          log.append(pending -> {
            LogRecord newest = pending.newest("a");
            if (newest != null) {
              seen.add(newest);
            }
            return List.of();
          });
      assertThat(seen).containsExactly(new LogRecord(3, "a", document("a", "two")));
      assertThat(second.applied()).isNotDone();
      mayFinish.countDown();
      first.awaitApplied();
      second.awaitApplied();
      assertThat(log.newestPending("a")).isNull();
    }
  }

  @Test
  void refusesWhatIsTooLarge() throws IOException {
    try (IndexLog log = started(OPTIONS.withMaxRecordBytes(20))) {
      assertThatThrownBy(() -> log.append(List.of(put("a", "x".repeat(30)))))
          .isInstanceOf(FlowException.class)
          .hasMessage("document a: 35 bytes (expected: at most 20)");
      log.append(List.of(put("a", "fits"))).awaitApplied();
      assertThat(log.lastSequence()).isEqualTo(1);
    }
  }

  @Test
  void refusesAppendsOnceTooMuchWaits() throws Exception {
    CountDownLatch mayFinish = new CountDownLatch(1);
    try (IndexLog log = IndexLog.open(folder, OPTIONS.withMaxQueuedBytes(1_000))) {
      log.start(_ -> awaitQuietly(mayFinish));
      Ticket admitted = log.append(List.of(put("a", "x".repeat(2_000))));
      assertThatThrownBy(() -> log.append(List.of(put("b", "y"))))
          .isInstanceOfSatisfying(
              FlowException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.RESOURCE_EXHAUSTED));
      mayFinish.countDown();
      admitted.awaitApplied();
      log.append(List.of(put("b", "y"))).awaitApplied();
    }
  }

  @Test
  void stopsWritesWhereTheIndexCannotFollowAndReplaysThemLater() throws IOException {
    try (IndexLog log = IndexLog.open(folder, OPTIONS)) {
      log.start(_ -> {
        throw new IOException("the index is broken");
      });
      Ticket ticket = log.append(List.of(put("a", "one")));
      assertThatThrownBy(ticket::awaitApplied)
          .isInstanceOfSatisfying(
              FlowException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE))
          .hasMessageContaining("the index is broken");
      assertThatThrownBy(() -> log.append(List.of(put("b", "two"))))
          .hasMessageContaining("the index is broken");
      assertThat(replay(log, 1)).hasSize(1);
    }
    try (IndexLog log = IndexLog.open(folder, OPTIONS)) {
      assertThat(replay(log, 1)).hasSize(1);
    }
  }

  @Test
  void refusesASecondUseOfTheFolder() throws IOException {
    try (IndexLog _ = started(OPTIONS)) {
      assertThatThrownBy(() -> IndexLog.open(folder, OPTIONS))
          .isInstanceOfSatisfying(
              FlowException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.FAILED_PRECONDITION))
          .hasMessageContaining(folder + " is in use by this process");
    }
    IndexLog.open(folder, OPTIONS).close();
  }

  @Test
  void refusesTheLogOfAnotherShard() throws IOException {
    IndexLog.open(folder, OPTIONS).close();
    assertThatThrownBy(() -> IndexLog.open(folder, LogOptions.of("1/2")))
        .hasMessageContaining("belongs to shard 0/1 (expected: shard 1/2");
    IndexLog.open(folder, OPTIONS).close();
  }

  @Test
  void keepsDocumentsLargerThanItsBuffers() throws IOException {
    String large = "x".repeat(3 << 20);
    try (IndexLog log = started(OPTIONS)) {
      log.append(List.of(put("a", "small"), put("b", large), put("c", "small"))).awaitApplied();
    }
    try (IndexLog log = IndexLog.open(folder, OPTIONS)) {
      assertThat(replay(log, 1)).isEqualTo(applied).hasSize(3);
    }
  }
}
