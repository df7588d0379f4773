package io.attune.indexer.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.proto.docarray.DocumentProto;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Many writers, a reader and a truncation at once.
final class LogConcurrencyTest {
  private static final LogOptions OPTIONS =
      LogOptions.of("0/1").withSegmentBytes(20_000).withMinFreeBytes(0);
  private static final int WRITERS = 16;
  private static final int WRITES = 50;

  @TempDir Path folder;

  private final Map<String, LogRecord> index = new ConcurrentHashMap<>();
  private final List<LogRecord> applied = new ArrayList<>();

  private void apply(List<LogRecord> records) {
    for (LogRecord record : records) {
      assertThat(record.sequence()).isEqualTo(applied.size() + 1L);
      applied.add(record);
      index.put(record.id(), record);
    }
  }

  @Test
  void everyWriterSeesItsWriteAndFewSyncsServeThemAll() throws Exception {
    try (IndexLog log = IndexLog.open(folder, OPTIONS);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      log.start(this::apply);
      List<Future<?>> writers = new ArrayList<>();
      for (int writer = 0; writer < WRITERS; writer++) {
        String id = "writer" + writer;
        writers.add(threads.submit(() -> write(log, id)));
      }
      Future<?> reader = threads.submit(() -> readAlong(log));
      for (Future<?> writer : writers) {
        writer.get();
      }
      reader.get();
      LogStatistics statistics = log.statistics();
      assertThat(statistics.appendedRecords()).isEqualTo((long) WRITERS * WRITES);
      assertThat(statistics.syncs()).isLessThan(WRITERS * WRITES / 2L);
      assertThat(statistics.queuedBytes()).isZero();
      assertThat(statistics.segments()).isGreaterThan(2);
      long half = WRITERS * WRITES / 2L;
      log.truncateBefore(half);
      assertThat(log.firstSequence()).isBetween(2L, half);
    }
    try (IndexLog log = IndexLog.open(folder, OPTIONS)) {
      List<LogRecord> found = new ArrayList<>();
      long first = log.firstSequence();
      log.replay(first, found::add);
      assertThat(found).isEqualTo(applied.subList((int) first - 1, applied.size()));
    }
  }

  private void write(IndexLog log, String id) {
    for (int i = 0; i < WRITES; i++) {
      DocumentProto document =
          DocumentProto.newBuilder().setId(id).setText("x".repeat(100)).setWeight(i).build();
      Ticket ticket = log.append(List.of(LogOperation.put(document)));
      ticket.awaitApplied();
      assertThat(index).containsEntry(id, new LogRecord(ticket.lastSequence(), id, document));
    }
  }

  private static void readAlong(IndexLog log) {
    long last = 0;
    while (last < (long) WRITERS * WRITES) {
      List<LogRecord> records = new ArrayList<>();
      try {
        long read = log.replay(last + 1, records::add);
        assertThat(records).hasSize((int) (read - last));
        for (LogRecord record : records) {
          assertThat(record.sequence()).isEqualTo(++last);
        }
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
