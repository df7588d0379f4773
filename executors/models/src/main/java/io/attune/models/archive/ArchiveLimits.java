package io.attune.models.archive;

/// How much an archive may hold before it is refused.
///
/// @param entries files and folders, 1 to 65,534
/// @param bytes all files unpacked, in bytes
/// @param ratio unpacked bytes to a byte of the archive, for the whole archive, 1 or more; deflate
///   reaches 1,032, the weights of a model about 1.1
/// @param freeBytes the ratio does not count for archives that unpack to at most so many bytes
public record ArchiveLimits(int entries, long bytes, int ratio, long freeBytes) {
  /// 1,000 entries, 8 GiB, ratio 100 past 1 MiB.
  public static final ArchiveLimits DEFAULT = new ArchiveLimits(1000, 8L << 30, 100, 1 << 20);

  public ArchiveLimits {
    require(entries >= 1 && entries < 0xFFFF, "entries", entries, "1..65534");
    require(bytes >= 1, "bytes", bytes, "1..");
    require(ratio >= 1, "ratio", ratio, "1..");
    require(freeBytes >= 0, "freeBytes", freeBytes, "0..");
  }

  private static void require(boolean holds, String name, long value, String expected) {
    if (!holds) {
      throw new IllegalArgumentException(name + ": " + value + " (expected: " + expected + ")");
    }
  }
}
