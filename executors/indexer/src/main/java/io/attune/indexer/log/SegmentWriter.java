package io.attune.indexer.log;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/// Appends to one segment.
///
/// Records are gathered in one reused buffer and written in large pieces; [#sync] makes them
/// durable and [#rollBack] removes those that are not. Used by one thread.
final class SegmentWriter implements Closeable {
  static final String DRAFT = ".new";
  private static final int FIRST_BUFFER_BYTES = 16 << 10;
  private static final int BUFFER_BYTES = 1 << 20;
  private static final int MAX_KEPT_BYTES = 8 << 20;

  private final SegmentHeader header;
  private final LogFile file;
  private final Frames frames;
  private byte[] buffer = new byte[FIRST_BUFFER_BYTES];
  private int buffered;
  private long written;
  private long end;

  /// Goes on after an offset up to which the file is valid and durable.
  SegmentWriter(SegmentHeader header, LogFile file, long end) {
    this.header = header;
    this.file = file;
    this.frames = new Frames(header);
    this.written = end;
    this.end = end;
  }

  /// Creates a segment, durable with its name before it returns.
  ///
  /// The file is written and synced under another name and then renamed, so that a file with a
  /// segment's name always has a whole header.
  static SegmentWriter create(LogFolder folder, SegmentHeader header) throws IOException {
    String name = SegmentHeader.fileName(header.firstSequence());
    String draft = name + DRAFT;
    ByteBuffer bytes = header.encode();
    int size = bytes.remaining();
    LogFile file = folder.create(draft);
    try {
      file.write(bytes, 0);
      file.sync();
      folder.rename(draft, name);
      folder.sync();
      return new SegmentWriter(header, file, size);
    } catch (IOException | RuntimeException e) {
      try {
        file.close();
      } catch (IOException suppressed) {
        e.addSuppressed(suppressed);
      }
      throw e;
    }
  }

  /// Removes what a failed [#create] may have left.
  static void discard(LogFolder folder, long firstSequence) throws IOException {
    String name = SegmentHeader.fileName(firstSequence);
    for (String present : folder.list()) {
      if (present.equals(name) || present.equals(name + DRAFT)) {
        folder.delete(present);
      }
    }
    folder.sync();
  }

  SegmentHeader header() {
    return header;
  }

  long firstSequence() {
    return header.firstSequence();
  }

  /// The size of the part that stays: durable records, and the note that they are.
  long end() {
    return end;
  }

  void add(LogRecord record) throws IOException {
    byte[] id = Frames.utf8(record.id());
    int size = Frames.size(id, record.document());
    if (size > buffer.length - buffered) {
      makeRoom(size);
    }
    frames.encode(record, id, size, buffer, buffered, written + buffered);
    buffered += size;
  }

  /// Grows the buffer to its usual size first, and past it for one record only.
  private void makeRoom(int size) throws IOException {
    if (size <= BUFFER_BYTES - buffered) {
      buffer = Arrays.copyOf(buffer, BUFFER_BYTES);
      return;
    }
    flush();
    if (size > buffer.length || buffer.length > MAX_KEPT_BYTES) {
      buffer = new byte[Math.max(BUFFER_BYTES, size)];
    }
  }

  /// Hands everything that was added to the operating system.
  void flush() throws IOException {
    if (buffered > 0) {
      file.write(ByteBuffer.wrap(buffer, 0, buffered), written);
      written += buffered;
      buffered = 0;
    }
  }

  /// Makes everything that was written durable.
  void sync() throws IOException {
    file.sync();
    end = written;
  }

  /// Notes in the file that all before is durable; the note itself is not synced.
  void noteSynced(long sequence) throws IOException {
    byte[] note = frames.synced(sequence, written);
    file.write(ByteBuffer.wrap(note), written);
    written += note.length;
    end = written;
  }

  /// Removes everything that was added since the last sync, durably.
  void rollBack() throws IOException {
    buffered = 0;
    written = end;
    file.truncate(end);
    file.sync();
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
