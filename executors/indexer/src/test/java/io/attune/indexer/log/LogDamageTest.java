package io.attune.indexer.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.attune.proto.docarray.DocumentProto;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Bytes that changed, files that are gone: refused by name and offset, or of no consequence; never
/// another record than was written.
final class LogDamageTest {
  private static final LogOptions OPTIONS =
      LogOptions.of("0/1").withSegmentBytes(2_000).withMinFreeBytes(0);

  private final long seed = Long.getLong("attune.seed", new Random().nextLong());
  private final Random random = new Random(seed);
  private SimulatedDisk disk = new SimulatedDisk(random);
  private List<LogRecord> written = List.of();

  @BeforeEach
  void writeThreeSegments() throws IOException {
    ShardModel model = new ShardModel(random);
    List<LogRecord> records = new ArrayList<>();
    try (IndexLog log = open(disk)) {
      log.start(records::addAll);
      while (log.statistics().segments() < 3) {
        log.append(model.nextOperations()).awaitApplied();
      }
      log.append(model.nextOperations()).awaitApplied();
    }
    written = List.copyOf(records);
  }

  private static IndexLog open(LogFolder disk) throws IOException {
    return IndexLog.open(disk, OPTIONS, () -> {});
  }

  private static List<LogRecord> read(SimulatedDisk disk) throws IOException {
    try (IndexLog log = open(disk)) {
      List<LogRecord> records = new ArrayList<>();
      log.replay(1, records::add);
      return records;
    }
  }

  private static void assertRefused(ThrowingCallable action, String... messageParts) {
    assertThatThrownBy(action)
        .isInstanceOfSatisfying(
            FlowException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.DATA_LOSS))
        .hasMessageContainingAll(messageParts);
  }

  private String lastName() {
    return disk.list().getLast();
  }

  @Test
  void readsWhatWasWritten() throws IOException {
    assertThat(read(disk)).isEqualTo(written);
    assertThat(disk.list()).hasSize(3);
  }

  @Test
  void aFlippedByteIsRefusedByFileAndOffset() throws IOException {
    int accepted = 0;
    for (int round = 0; round < 2_000; round++) {
      String name = disk.list().get(random.nextInt(disk.list().size()));
      byte[] bytes = disk.bytes(name);
      int at = random.nextInt(bytes.length);
      bytes[at] ^= (byte) (1 << random.nextInt(8));
      SimulatedDisk damaged = disk.copy();
      damaged.put(name, bytes);
      boolean isInLastNote = name.equals(lastName()) && at >= bytes.length - Frames.SYNCED_BYTES;
      try {
        assertThat(read(damaged)).as("seed %d, byte %d of %s", seed, at, name).isEqualTo(written);
        assertThat(isInLastNote).as("seed %d, byte %d of %s", seed, at, name).isTrue();
        accepted++;
      } catch (FlowException e) {
        assertThat(e).as("seed %d, byte %d of %s", seed, at, name).hasMessageContaining(name);
        assertThat(isInLastNote).as("seed %d, byte %d of %s", seed, at, name).isFalse();
      }
    }
    assertThat(accepted).as("seed %d", seed).isLessThan(200);
  }

  @Test
  void aCutFileIsRefusedOrEndsWithAWholeRecord() throws IOException {
    for (int round = 0; round < 1_000; round++) {
      String name = disk.list().get(random.nextInt(disk.list().size()));
      byte[] bytes = disk.bytes(name);
      int size = random.nextInt(bytes.length);
      SimulatedDisk damaged = disk.copy();
      damaged.put(name, Arrays.copyOf(bytes, size));
      try {
        List<LogRecord> found = read(damaged);
        boolean isNoteAlone = size == bytes.length - Frames.SYNCED_BYTES;
        boolean isWhole = found.size() == written.size();
        // behind an earlier segment's last record stands only a note, which may be missing
        assertThat(name.equals(lastName()) || (isNoteAlone && isWhole))
            .as("seed %d, %s cut to %d of %d", seed, name, size, bytes.length)
            .isTrue();
        assertThat(found)
            .as("seed %d, %s cut to %d", seed, name, size)
            .isEqualTo(written.subList(0, found.size()));
      } catch (FlowException e) {
        assertThat(e).as("seed %d, cut to %d", seed, size).hasMessageContaining("/simulated/");
      }
    }
  }

  @Test
  void anEarlierSegmentMayLackItsNoteButNoRecord() throws IOException {
    // a note that could not be written is rolled back, and the segment may be sealed without it
    String first = disk.list().getFirst();
    byte[] bytes = disk.bytes(first);
    int records = bytes.length - Frames.SYNCED_BYTES;
    SimulatedDisk withoutNote = disk.copy();
    withoutNote.put(first, Arrays.copyOf(bytes, records));
    assertThat(read(withoutNote)).as("seed %d", seed).isEqualTo(written);
    disk.put(first, Arrays.copyOf(bytes, records - 1));
    assertRefused(() -> read(disk), first, "is damaged at offset");
  }

  @Test
  void acknowledgedRecordsThatWereCutOffAreMissedByTheIndex() throws IOException {
    byte[] bytes = disk.bytes(lastName());
    disk.put(lastName(), Arrays.copyOf(bytes, bytes.length - Frames.SYNCED_BYTES - 1));
    long held = written.getLast().sequence();
    try (IndexLog log = open(disk)) {
      assertRefused(() -> log.replay(held + 1, _ -> {}), "ends with record " + (held - 1));
    }
  }

  @Test
  void bytesBehindTheEndAreATornTail() throws IOException {
    for (int round = 0; round < 300; round++) {
      byte[] bytes = disk.bytes(lastName());
      byte[] longer = Arrays.copyOf(bytes, bytes.length + 1 + random.nextInt(3_000));
      if (random.nextBoolean()) {
        byte[] garbage = new byte[longer.length - bytes.length];
        random.nextBytes(garbage);
        System.arraycopy(garbage, 0, longer, bytes.length, garbage.length);
      }
      SimulatedDisk torn = disk.copy();
      torn.put(lastName(), longer);
      assertThat(read(torn)).as("seed %d", seed).isEqualTo(written);
      assertThat(torn.bytes(lastName())).as("seed %d", seed).isEqualTo(bytes);
    }
  }

  @Test
  void bytesBehindTheEndOfAnEarlierSegmentAreRefused() {
    String first = disk.list().getFirst();
    byte[] bytes = disk.bytes(first);
    disk.put(first, Arrays.copyOf(bytes, bytes.length + 30));
    assertRefused(() -> read(disk), first, "is damaged at offset " + bytes.length);
  }

  @Test
  void whatLooksLikeFramesInADocumentIsNotTakenForOne() throws IOException {
    // the last document carries frames copied from this very log; then its own frame is torn
    byte[] stolen = disk.bytes(disk.list().getFirst());
    try (IndexLog log = open(disk)) {
      log.start(_ -> {});
      String last = lastName();
      int end = disk.bytes(last).length;
      log.append(
              List.of(
                  LogOperation.put(
                      DocumentProto.newBuilder()
                          .setId("thief")
                          .setBlob(ByteString.copyFrom(stolen))
                          .build())))
          .awaitApplied();
      byte[] after = disk.bytes(lastName());
      byte[] torn = Arrays.copyOf(after, after.length - Frames.SYNCED_BYTES);
      int frame = lastName().equals(last) ? end : header(disk, 1).length;
      torn[frame + 4] ^= 1;
      SimulatedDisk next = disk.copy();
      next.put(lastName(), torn);
      assertThat(read(next)).isEqualTo(written);
    }
  }

  @Test
  void aMissingSegmentIsRefused() {
    disk.remove(disk.list().get(1));
    assertRefused(() -> read(disk), disk.list().get(1), "a file is missing");
  }

  @Test
  void aMissingFirstSegmentIsMissedByTheIndex() throws IOException {
    disk.remove(disk.list().getFirst());
    try (IndexLog log = open(disk)) {
      assertRefused(() -> log.replay(1, _ -> {}), "(expected: record 1,");
    }
  }

  @Test
  void aSegmentUnderAnotherNameIsRefused() {
    String last = lastName();
    byte[] bytes = disk.bytes(last);
    disk.remove(last);
    disk.put(SegmentHeader.fileName(written.size() + 100L), bytes);
    assertRefused(() -> read(disk), "begins with record", "the record of its name");
  }

  @Test
  void aSegmentOfAnotherLogIsRefused() throws IOException {
    SimulatedDisk other = new SimulatedDisk(random);
    try (IndexLog log = open(other)) {
      log.start(_ -> {});
      long before = Long.parseLong(lastName().substring(0, 19)) - 1;
      for (long i = 0; i < before; i++) {
        log.append(List.of(LogOperation.delete("id"))).awaitApplied();
      }
      disk.put(lastName(), header(other, before + 1));
    }
    assertRefused(() -> read(disk), lastName(), "is of another log");
  }

  private static byte[] header(SimulatedDisk from, long firstSequence) throws IOException {
    SegmentHeader own = SegmentHeader.read(from.open(from.list().getFirst()), "other");
    return new SegmentHeader(firstSequence, own.logId(), own.shard()).encode().array();
  }

  @Test
  void anEmptyFileIsRefused() {
    disk.put(lastName(), new byte[0]);
    assertRefused(() -> read(disk), lastName(), "the header is cut off");
  }

  @Test
  void aForeignFileIsRefused() {
    disk.put(
        lastName(),
        "not a log at all, but a text that somebody put here".getBytes(StandardCharsets.UTF_8));
    assertRefused(() -> read(disk), lastName(), "does not begin as a log does");
  }

  @Test
  void anotherFormatVersionIsRefused() {
    byte[] bytes = disk.bytes(lastName());
    bytes[11] = 9;
    disk.put(lastName(), bytes);
    assertThatThrownBy(() -> read(disk))
        .hasMessageContaining("has format version 9 (expected: at most 1");
  }

  @Test
  void draftsAreRemovedAndOtherFilesLeftAlone() throws IOException {
    disk.put(SegmentHeader.fileName(999) + ".new", new byte[] {1});
    disk.put("notes.txt", new byte[] {1});
    assertThat(read(disk)).isEqualTo(written);
    assertThat(disk.list()).contains("notes.txt").noneMatch(name -> name.endsWith(".new"));
  }

  @Test
  void aRefusedLogIsNotChanged() throws IOException {
    byte[] bytes = disk.bytes(lastName());
    bytes[60] ^= 1;
    disk.put(lastName(), bytes);
    long operations = disk.operations;
    assertRefused(() -> read(disk), "is damaged at offset");
    assertThat(disk.operations).isEqualTo(operations);
    assertThat(disk.bytes(lastName())).isEqualTo(bytes);
  }
}
