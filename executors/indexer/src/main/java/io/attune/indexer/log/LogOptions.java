package io.attune.indexer.log;

import io.attune.runtime.FlowException;
import java.nio.charset.StandardCharsets;

/// How a log is kept.
///
/// @param shard the shard that the log belongs to, at most 1,024 bytes of UTF-8; a log of another
///   shard is refused
/// @param segmentBytes a segment that has reached this size is followed by a new one; 64 MiB
/// @param maxRecordBytes the greatest serialised document; 128 MiB
/// @param maxQueuedBytes what may wait for the disk before appends are refused; 256 MiB
/// @param minFreeBytes writes are refused while the disk has less free than this, so that the index
///   can still write what was accepted; 64 MiB
public record LogOptions(
    String shard, long segmentBytes, int maxRecordBytes, long maxQueuedBytes, long minFreeBytes) {
  private static final int MAX_SHARD_BYTES = 1_024;
  private static final long MEBIBYTE = 1L << 20;

  public LogOptions {
    int shardBytes = shard.getBytes(StandardCharsets.UTF_8).length;
    require(shardBytes <= MAX_SHARD_BYTES, "shard", shardBytes, "at most 1024 bytes");
    require(segmentBytes >= 1, "segment_bytes", segmentBytes, "1..");
    require(
        maxRecordBytes >= 1 && maxRecordBytes <= 1 << 30,
        "max_record_bytes",
        maxRecordBytes,
        "1..1073741824");
    require(maxQueuedBytes >= 1, "max_queued_bytes", maxQueuedBytes, "1..");
    require(minFreeBytes >= 0, "min_free_bytes", minFreeBytes, "0..");
  }

  /// The defaults for a shard.
  public static LogOptions of(String shard) {
    return new LogOptions(
        shard, 64 * MEBIBYTE, (int) (128 * MEBIBYTE), 256 * MEBIBYTE, 64 * MEBIBYTE);
  }

  public LogOptions withSegmentBytes(long bytes) {
    return new LogOptions(shard, bytes, maxRecordBytes, maxQueuedBytes, minFreeBytes);
  }

  public LogOptions withMaxRecordBytes(int bytes) {
    return new LogOptions(shard, segmentBytes, bytes, maxQueuedBytes, minFreeBytes);
  }

  public LogOptions withMaxQueuedBytes(long bytes) {
    return new LogOptions(shard, segmentBytes, maxRecordBytes, bytes, minFreeBytes);
  }

  public LogOptions withMinFreeBytes(long bytes) {
    return new LogOptions(shard, segmentBytes, maxRecordBytes, maxQueuedBytes, bytes);
  }

  private static void require(boolean holds, String name, long value, String expected) {
    if (!holds) {
      throw FlowException.invalid("%s: %d (expected: %s)".formatted(name, value, expected));
    }
  }
}
