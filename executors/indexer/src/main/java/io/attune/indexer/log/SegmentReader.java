package io.attune.indexer.log;

import com.google.protobuf.InvalidProtocolBufferException;
import io.attune.proto.docarray.DocumentProto;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/// Reads the frames of one segment in order, checking each.
///
/// Holds a window of the file in one reused buffer. Used by one thread.
final class SegmentReader implements Closeable {
  /// What [#next] found.
  enum Step {
    RECORD,
    SYNCED,
    /// The end of the file, or of the part that was asked for.
    END,
    /// Bytes that are no frame, at [#offset]; [#damage] says why.
    DAMAGED
  }

  private static final int WINDOW_BYTES = 1 << 20;
  private static final int PAYLOAD_OF_ID = Frames.PREFIX + Integer.BYTES;

  private final LogFile file;
  private final long end;
  private final Frames frames;
  private byte[] window;
  private long windowStart;
  private int windowBytes;

  private long offset;
  private int frameBytes;
  private int payload;
  private String damage = "";

  /// Reads a file from behind its header to an end.
  SegmentReader(SegmentHeader header, LogFile file, long end) {
    this.file = file;
    this.end = end;
    this.frames = new Frames(header);
    this.offset = header.bytes();
    this.window = new byte[Math.clamp(end, Frames.SYNCED_BYTES, WINDOW_BYTES)];
  }

  /// Goes to the next frame.
  Step next() throws IOException {
    offset += frameBytes;
    frameBytes = 0;
    if (offset == end) {
      return Step.END;
    }
    if (end - offset < Frames.SYNCED_BYTES) {
      return damaged("%d bytes are too few for a record".formatted(end - offset));
    }
    load(Frames.OVERHEAD);
    int at = (int) (offset - windowStart);
    int length = Frames.getInt(window, at);
    int expected = Frames.getInt(window, at + Integer.BYTES);
    if (length < Frames.PREFIX || length > end - offset - Frames.OVERHEAD) {
      return damaged("a record cannot be %d bytes long here".formatted(length));
    }
    load(Math.addExact(Frames.OVERHEAD, length));
    payload = (int) (offset - windowStart) + Frames.OVERHEAD;
    if (frames.checksum(offset, window, payload, length) != expected) {
      return damaged("the record's checksum is wrong");
    }
    return accept(length);
  }

  private Step accept(int length) {
    byte kind = window[payload];
    boolean isRecord = kind == Frames.PUT || kind == Frames.DELETE;
    if (isRecord) {
      int idBytes = length < PAYLOAD_OF_ID ? -1 : Frames.getInt(window, payload + Frames.PREFIX);
      if (idBytes < 0 || idBytes > length - PAYLOAD_OF_ID) {
        return damaged("the record has no id");
      }
    } else if (kind != Frames.SYNCED || length != Frames.PREFIX) {
      return damaged("records of kind %d are not known".formatted(kind));
    }
    frameBytes = Frames.OVERHEAD + length;
    return isRecord ? Step.RECORD : Step.SYNCED;
  }

  private Step damaged(String what) {
    damage = what;
    return Step.DAMAGED;
  }

  /// Where the frame begins in the file.
  long offset() {
    return offset;
  }

  /// The sequence of the frame.
  long sequence() {
    return Frames.getLong(window, payload + 1);
  }

  /// Why the bytes at [#offset] are no frame.
  String damage() {
    return damage;
  }

  /// The record of the frame.
  LogRecord record() throws InvalidProtocolBufferException {
    int idBytes = Frames.getInt(window, payload + Frames.PREFIX);
    int idAt = payload + PAYLOAD_OF_ID;
    String id = new String(window, idAt, idBytes, StandardCharsets.UTF_8);
    if (window[payload] == Frames.DELETE) {
      return new LogRecord(sequence(), id, null);
    }
    int documentAt = idAt + idBytes;
    int frameEnd = payload - Frames.OVERHEAD + frameBytes;
    ByteBuffer document = ByteBuffer.wrap(window, documentAt, frameEnd - documentAt);
    return new LogRecord(sequence(), id, DocumentProto.parseFrom(document));
  }

  /// Looks for a synced frame behind the damage at [#offset].
  ///
  /// @return where the first one begins, or -1: then nothing behind the damage was ever promised
  long findSyncedBehind() throws IOException {
    long last = end - Frames.SYNCED_BYTES;
    for (offset = offset + 1; offset <= last; offset++) {
      load(Frames.SYNCED_BYTES);
      int at = (int) (offset - windowStart);
      if (Frames.getInt(window, at) == Frames.PREFIX
          && window[at + Frames.OVERHEAD] == Frames.SYNCED
          && frames.checksum(offset, window, at + Frames.OVERHEAD, Frames.PREFIX)
              == Frames.getInt(window, at + Integer.BYTES)) {
        return offset;
      }
    }
    return -1;
  }

  /// Brings the next bytes into the window; they lie inside the file.
  private void load(int bytes) throws IOException {
    if (offset + bytes <= windowStart + windowBytes) {
      return;
    }
    if (bytes > window.length) {
      window = new byte[bytes];
    }
    int wanted = (int) Math.min(window.length, end - offset);
    ByteBuffer target = ByteBuffer.wrap(window, 0, wanted);
    file.read(target, offset);
    windowStart = offset;
    windowBytes = target.position();
    if (windowBytes < bytes) {
      throw new IOException("the file became shorter while it was read");
    }
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
