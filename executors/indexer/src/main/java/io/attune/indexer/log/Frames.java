package io.attune.indexer.log;

import com.google.protobuf.CodedOutputStream;
import io.attune.proto.docarray.DocumentProto;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// How records lie in a segment, one frame after another; big-endian:
///
/// | bytes | what |
/// |---|---|
/// | 4 | length of the payload |
/// | 4 | CRC-32C, see below |
/// | 1 | kind: put, delete or synced |
/// | 8 | sequence |
/// | 4, n | put and delete: length and UTF-8 of the id |
/// | rest | put: the `DocumentProto` |
///
/// A *synced* frame says that all before it was durable when it was written; its sequence is that
/// of the last record. It separates a torn tail, which nobody was promised, from damage.
///
/// The checksum covers the log's id, the segment's first sequence, the frame's own offset and
/// length, and the payload: bytes of another file or another place are never taken for a frame.
///
/// Not safe for use by several threads.
final class Frames {
  static final int OVERHEAD = 8;
  static final int PREFIX = 9;
  static final int SYNCED_BYTES = OVERHEAD + PREFIX;
  static final byte PUT = 1;
  static final byte DELETE = 2;
  static final byte SYNCED = 3;

  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
  private static final int OFFSET_AT = 24;
  private static final int LENGTH_AT = 32;

  private final CRC32C crc = new CRC32C();
  private final byte[] place = new byte[36];

  Frames(SegmentHeader header) {
    LONG.set(place, 0, header.logId().getMostSignificantBits());
    LONG.set(place, 8, header.logId().getLeastSignificantBits());
    LONG.set(place, 16, header.firstSequence());
  }

  static int getInt(byte[] bytes, int at) {
    return (int) INT.get(bytes, at);
  }

  static long getLong(byte[] bytes, int at) {
    return (long) LONG.get(bytes, at);
  }

  /// The checksum of a payload that lies in an array, for a frame at an offset of the file.
  int checksum(long offset, byte[] bytes, int start, int length) {
    LONG.set(place, OFFSET_AT, offset);
    INT.set(place, LENGTH_AT, length);
    crc.reset();
    crc.update(place);
    crc.update(bytes, start, length);
    return (int) crc.getValue();
  }

  /// The size of a record's frame, its id given as UTF-8.
  static int size(byte[] id, @Nullable DocumentProto document) {
    int documentBytes = document == null ? 0 : document.getSerializedSize();
    return Math.addExact(OVERHEAD + PREFIX + Integer.BYTES + id.length, documentBytes);
  }

  /// Writes a record's frame into an array that has room for it.
  void encode(LogRecord record, byte[] id, int size, byte[] target, int at, long offset)
      throws IOException {
    DocumentProto document = record.document();
    int payload = at + OVERHEAD;
    target[payload] = document == null ? DELETE : PUT;
    LONG.set(target, payload + 1, record.sequence());
    INT.set(target, payload + PREFIX, id.length);
    int body = payload + PREFIX + Integer.BYTES;
    System.arraycopy(id, 0, target, body, id.length);
    if (document != null) {
      int start = body + id.length;
      CodedOutputStream out = CodedOutputStream.newInstance(target, start, at + size - start);
      document.writeTo(out);
      out.checkNoSpaceLeft();
    }
    seal(target, at, size - OVERHEAD, offset);
  }

  /// A synced frame.
  byte[] synced(long sequence, long offset) {
    byte[] frame = new byte[SYNCED_BYTES];
    frame[OVERHEAD] = SYNCED;
    LONG.set(frame, OVERHEAD + 1, sequence);
    seal(frame, 0, PREFIX, offset);
    return frame;
  }

  private void seal(byte[] target, int at, int length, long offset) {
    INT.set(target, at, length);
    INT.set(target, at + Integer.BYTES, checksum(offset, target, at + OVERHEAD, length));
  }

  static byte[] utf8(String id) {
    return id.getBytes(StandardCharsets.UTF_8);
  }
}
