package io.attune.indexer.log;

import java.util.List;

/// What readers may rely on; replaced as a whole after each group commit, roll and truncation.
///
/// @param segments the segments, oldest first, never empty; the last is the one that is written
/// @param end the size of the last segment's part that may be read
/// @param syncedSequence the newest durable sequence
/// @param appendedRecords records made durable since the log was opened
/// @param syncs group commits since the log was opened
/// @param writtenBytes bytes of those records
record LogView(
    List<SegmentHeader> segments,
    long end,
    long syncedSequence,
    long appendedRecords,
    long syncs,
    long writtenBytes) {
  LogView {
    segments = List.copyOf(segments);
  }

  LogView withSegments(List<SegmentHeader> replaced) {
    return new LogView(replaced, end, syncedSequence, appendedRecords, syncs, writtenBytes);
  }

  LogView withEnd(long newEnd) {
    return new LogView(segments, newEnd, syncedSequence, appendedRecords, syncs, writtenBytes);
  }

  LogView afterSync(long newEnd, long lastSequence) {
    return new LogView(
        segments,
        newEnd,
        lastSequence,
        appendedRecords + (lastSequence - syncedSequence),
        syncs + 1,
        writtenBytes + Math.max(0, newEnd - end));
  }

  long firstSequence() {
    return segments.getFirst().firstSequence();
  }
}
