package io.attune.indexer.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.document.Document;
import java.util.List;
import java.util.Objects;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class RecentRecordsTest {
  private static List<LogRecord> records(long first, long last) {
    return LongStream.rangeClosed(first, last)
        .mapToObj(i -> new LogRecord(i, "d" + i, Document.ofText("t").id("d" + i).toProto()))
        .toList();
  }

  private static List<Long> after(RecentRecords recent, long position, int most) {
    return Objects.requireNonNull(recent.after(position, most)).stream()
        .map(LogRecord::sequence)
        .toList();
  }

  @Test
  void givesWhatIsBehindAPosition() {
    RecentRecords recent = new RecentRecords(1 << 20, 7);
    assertThat(after(recent, 7, 10)).isEmpty();
    recent.add(records(8, 12));
    assertThat(after(recent, 7, 10)).containsExactly(8L, 9L, 10L, 11L, 12L);
    assertThat(after(recent, 9, 2)).containsExactly(10L, 11L);
    assertThat(after(recent, 12, 2)).isEmpty();
    assertThat(recent.after(6, 2)).isNull();
  }

  @Test
  void forgetsTheOldestBeyondItsSize() {
    RecentRecords recent = new RecentRecords(1_000, 0);
    recent.add(records(1, 100));
    assertThat(recent.after(0, 10)).isNull();
    assertThat(after(recent, 99, 10)).containsExactly(100L);
    recent.add(
        List.of(
            new LogRecord(101, "large", Document.ofText("x".repeat(2_000)).id("large").toProto())));
    assertThat(recent.after(100, 10)).isNull();
    assertThat(after(recent, 101, 10)).isEmpty();
  }
}
