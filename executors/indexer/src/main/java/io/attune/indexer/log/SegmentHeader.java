package io.attune.indexer.log;

import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.UUID;
import java.util.zip.CRC32C;

/// How a segment file begins; big-endian:
///
/// | bytes | what |
/// |---|---|
/// | 8 | `ATTUNLOG` |
/// | 4 | format version |
/// | 8 | sequence of the first record |
/// | 16 | id of the log, drawn when it was made |
/// | 4, n | length and UTF-8 of the shard's name |
/// | 4 | CRC-32C of all before |
///
/// @param firstSequence the sequence that the segment's first record has, or will have
/// @param logId the same in all segments of a log
/// @param shard the shard that the log belongs to
record SegmentHeader(long firstSequence, UUID logId, String shard) {
  static final int VERSION = 1;
  private static final byte[] MAGIC = "ATTUNLOG".getBytes(StandardCharsets.US_ASCII);
  private static final int FIXED_BYTES = 40;
  private static final int MAX_SHARD_BYTES = 1_024;
  private static final String SUFFIX = ".log";

  /// The file name of the segment that begins with a sequence; names sort as sequences do.
  static String fileName(long firstSequence) {
    return String.format(Locale.ROOT, "%019d%s", firstSequence, SUFFIX);
  }

  static boolean isSegment(String fileName) {
    return fileName.matches("\\d{19}\\.log");
  }

  ByteBuffer encode() {
    byte[] name = shard.getBytes(StandardCharsets.UTF_8);
    ByteBuffer header = ByteBuffer.allocate(FIXED_BYTES + name.length + Integer.BYTES);
    header.put(MAGIC).putInt(VERSION).putLong(firstSequence);
    header.putLong(logId.getMostSignificantBits()).putLong(logId.getLeastSignificantBits());
    header.putInt(name.length).put(name);
    header.putInt(checksum(header));
    return header.flip();
  }

  int bytes() {
    return FIXED_BYTES + shard.getBytes(StandardCharsets.UTF_8).length + Integer.BYTES;
  }

  /// Reads the header of a file.
  ///
  /// @throws FlowException where the file is not an undamaged segment of this format
  static SegmentHeader read(LogFile file, String described) throws IOException {
    ByteBuffer header = ByteBuffer.allocate(FIXED_BYTES + MAX_SHARD_BYTES + Integer.BYTES);
    file.read(header, 0);
    header.flip();
    if (header.limit() < FIXED_BYTES + Integer.BYTES) {
      throw Damage.at(described, header.limit(), "the header is cut off");
    }
    byte[] magic = new byte[MAGIC.length];
    header.get(magic);
    if (!Arrays.equals(magic, MAGIC)) {
      throw Damage.at(described, 0, "it does not begin as a log does");
    }
    return body(header, described);
  }

  private static SegmentHeader body(ByteBuffer header, String described) {
    int version = header.getInt();
    long firstSequence = header.getLong();
    UUID logId = new UUID(header.getLong(), header.getLong());
    int nameBytes = header.getInt();
    if (version > VERSION && version < 1_000) {
      throw new FlowException(
          ErrorCode.FAILED_PRECONDITION,
          "log: %s has format version %d (expected: at most %d; it was written by a newer Attune)"
              .formatted(described, version, VERSION));
    }
    if (nameBytes < 0 || nameBytes > header.remaining() - Integer.BYTES) {
      throw Damage.at(described, MAGIC.length, "the header's checksum is wrong");
    }
    byte[] name = new byte[nameBytes];
    header.get(name);
    int expected = checksum(header);
    if (header.getInt() != expected || version != VERSION) {
      throw Damage.at(described, MAGIC.length, "the header's checksum is wrong");
    }
    return new SegmentHeader(firstSequence, logId, new String(name, StandardCharsets.UTF_8));
  }

  /// The checksum of all before the buffer's position.
  private static int checksum(ByteBuffer header) {
    CRC32C crc = new CRC32C();
    crc.update(header.duplicate().flip());
    return (int) crc.getValue();
  }
}
