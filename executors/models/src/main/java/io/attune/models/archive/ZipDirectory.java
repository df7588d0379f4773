package io.attune.models.archive;

import io.attune.runtime.FlowException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// A look at the end of a zip before anything reads its directory: a reader makes an object of a
/// few hundred bytes out of 46, as often as the file repeats them.
final class ZipDirectory {
  private static final int END_SIGNATURE = 0x06054b50;
  private static final int END_BYTES = 22;
  private static final int MAX_COMMENT = 0xFFFF;
  private static final int MAX_ENTRY_BYTES = 1024;

  private ZipDirectory() {}

  /// Refuses a file that is no zip, is one of several parts, or whose directory is too large or
  /// does not lie where the end says.
  static void check(Path zip, ArchiveLimits limits) throws IOException {
    try (FileChannel channel = FileChannel.open(zip, StandardOpenOption.READ)) {
      long size = channel.size();
      int length = (int) Math.min(size, END_BYTES + MAX_COMMENT);
      ByteBuffer tail = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
      while (tail.hasRemaining() && channel.read(tail, size - length + tail.position()) >= 0) {
        // until full
      }
      int end = end(tail);
      if (end < 0) {
        throw refused(zip, "no end of a zip's directory", "a whole zip");
      }
      check(zip, tail, end, size - length + end, limits);
    }
  }

  private static int end(ByteBuffer tail) {
    for (int at = tail.limit() - END_BYTES; at >= 0; at--) {
      int comment = Short.toUnsignedInt(tail.getShort(at + 20));
      if (tail.getInt(at) == END_SIGNATURE && at + END_BYTES + comment == tail.limit()) {
        return at;
      }
    }
    return -1;
  }

  private static void check(
      Path zip, ByteBuffer tail, int end, long position, ArchiveLimits limits) {
    int disks = tail.getShort(end + 4) | tail.getShort(end + 6);
    int entries = Short.toUnsignedInt(tail.getShort(end + 10));
    long bytes = Integer.toUnsignedLong(tail.getInt(end + 12));
    long offset = Integer.toUnsignedLong(tail.getInt(end + 16));
    if (entries == 0xFFFF || bytes == 0xFFFFFFFFL || offset == 0xFFFFFFFFL) {
      throw refused(zip, "a zip64 archive", "at most 4 GiB; import the folder instead");
    }
    if (disks != 0 || entries != Short.toUnsignedInt(tail.getShort(end + 8))) {
      throw refused(zip, "one of several parts", "a whole zip");
    }
    if (entries > limits.entries() || bytes > (long) limits.entries() * MAX_ENTRY_BYTES) {
      throw refused(
          zip,
          entries + " entries, a directory of " + bytes + " bytes",
          "at most " + limits.entries() + " entries");
    }
    if (bytes + offset != position) {
      throw refused(
          zip,
          "its directory ends at byte " + (bytes + offset) + ", and the end begins at " + position,
          "a whole zip with nothing before or between");
    }
  }

  static FlowException refused(Path zip, String actual, String expected) {
    return FlowException.invalid(
        zip.getFileName() + ": " + actual + " (expected: " + expected + ")");
  }
}
