package io.attune.trainer.feedback;

import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// One file of impressions, `impressions-NNNNNNNN.jsonl`. Not thread-safe.
///
/// Which documents it may show is known by a Bloom filter (Bloom 1970), so that few segments are
/// read when a document is erased. What is erased is overwritten where it lies, the line's length
/// unchanged. A crash in the middle of that leaves a damaged line, and damaged lines are made blank
/// when the file is read next.
final class ImpressionSegment {
  private static final Pattern NAME = Pattern.compile("impressions-(\\d{8})\\.jsonl");
  private static final int FILTER_BITS_LOG2 = 20;
  private static final int PROBES = 4;
  private static final int MOST_SOUGHT = 8;

  private final Path file;
  private final int number;
  private final BitSet documents = new BitSet();
  private Instant newest = Instant.MIN;
  private long size;
  private long damaged;

  private ImpressionSegment(Path file, int number) {
    this.file = file;
    this.number = number;
  }

  /// Is told where each impression lies.
  interface Visitor {
    void impression(Impression impression, long offset, int length);
  }

  static ImpressionSegment create(Path folder, int number) {
    return new ImpressionSegment(
        folder.resolve("impressions-%08d.jsonl".formatted(number)), number);
  }

  /// The segment of a file; empty where its name is none of a segment.
  static Optional<ImpressionSegment> of(Path file) {
    Matcher name = NAME.matcher(file.getFileName().toString());
    return name.matches()
        ? Optional.of(new ImpressionSegment(file, Integer.parseInt(name.group(1))))
        : Optional.empty();
  }

  /// Reads all of it. Damaged lines are passed over, and made blank.
  void load(Visitor visitor) throws IOException {
    List<Overwrite> blanks = new ArrayList<>();
    try (InputStream in = Files.newInputStream(file)) {
      CheckedLines.each(
          in,
          (offset, line) ->
              CheckedLines.value(line, Impression.class)
                  .ifPresentOrElse(
                      impression -> {
                        note(impression);
                        visitor.impression(impression, offset, line.length);
                      },
                      () -> blank(offset, line).ifPresent(blanks::add)));
    }
    damaged = blanks.size();
    overwrite(blanks);
    size = Files.size(file);
  }

  /// What makes a damaged line blank; empty for one that is.
  private static Optional<Overwrite> blank(long offset, byte[] line) {
    byte[] blank = CheckedLines.blank(line);
    return Arrays.equals(blank, line)
        ? Optional.empty()
        : Optional.of(new Overwrite(offset, blank));
  }

  /// What is written where.
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Overwrite(long offset, byte[] bytes) {}

  private void overwrite(List<Overwrite> changes) throws IOException {
    if (changes.isEmpty()) {
      return;
    }
    try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
      for (Overwrite each : changes) {
        open.seek(each.offset());
        open.write(each.bytes());
      }
      open.getFD().sync();
    }
  }

  /// Adds an impression at the end.
  ///
  /// @return its length in bytes
  /// @throws IOException where nothing was added: the next one takes its place
  int append(RandomAccessFile open, Impression impression) throws IOException {
    byte[] line = CheckedLines.line(impression);
    open.seek(size);
    try {
      open.write(line);
    } catch (IOException e) {
      cut(open, e);
      throw e;
    }
    size += line.length;
    note(impression);
    return line.length;
  }

  private void cut(RandomAccessFile open, IOException cause) {
    try {
      open.setLength(size);
    } catch (IOException e) {
      cause.addSuppressed(e);
    }
  }

  private void note(Impression impression) {
    newest = impression.time().isAfter(newest) ? impression.time() : newest;
    for (Impression.Query query : impression.queries()) {
      for (Impression.Shown each : query.shown()) {
        for (int probe = 0; probe < PROBES; probe++) {
          documents.set(bit(each.id(), probe));
        }
      }
    }
  }

  private static int bit(String id, int probe) {
    int hash = id.hashCode();
    int step = Integer.rotateLeft(hash * 0x9E3779B9, 15) | 1;
    return ((hash + (probe * step)) * 0x85EBCA6B) >>> (Integer.SIZE - FILTER_BITS_LOG2);
  }

  /// Whether it may show a document that goes; false is certain.
  boolean mayShow(Erasure erasure) {
    return erasure.ids().stream().anyMatch(this::mayShow);
  }

  private boolean mayShow(String id) {
    for (int probe = 0; probe < PROBES; probe++) {
      if (!documents.get(bit(id, probe))) {
        return false;
      }
    }
    return true;
  }

  /// The impression at a place; empty where it is damaged.
  Optional<Impression> read(long offset, int length) throws IOException {
    byte[] line = new byte[length];
    try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "r")) {
      open.seek(offset);
      open.readFully(line);
    }
    return CheckedLines.value(line, Impression.class);
  }

  /// Overwrites the texts of what goes. They are gone when this returns.
  void erase(Erasure erasure) throws IOException {
    List<byte[]> wanted =
        erasure.ids().size() > MOST_SOUGHT
            ? List.of(new byte[0]) // faster to look into every line
            : erasure.ids().stream().map(CheckedLines::json).toList();
    List<Overwrite> changes = new ArrayList<>();
    try (InputStream in = Files.newInputStream(file)) {
      CheckedLines.each(
          in,
          (offset, line) -> {
            if (wanted.stream().anyMatch(id -> contains(line, id))) {
              CheckedLines.value(line, Impression.class)
                  .map(impression ->
                      CheckedLines.line(impression.without(erasure::has), line.length))
                  .filter(erased -> !Arrays.equals(erased, line))
                  .ifPresent(erased -> changes.add(new Overwrite(offset, erased)));
            }
          });
    }
    overwrite(changes);
  }

  private static boolean contains(byte[] line, byte[] wanted) {
    for (int start = 0; start + wanted.length <= line.length; start++) {
      int same = 0;
      while (same < wanted.length && line[start + same] == wanted[same]) {
        same++;
      }
      if (same == wanted.length) {
        return true;
      }
    }
    return false;
  }

  void delete() throws IOException {
    Files.deleteIfExists(file);
  }

  Path file() {
    return file;
  }

  int number() {
    return number;
  }

  /// When its last impression was shown.
  Instant newest() {
    return newest;
  }

  /// In bytes.
  long size() {
    return size;
  }

  /// Lines that could not be read.
  long damaged() {
    return damaged;
  }
}
