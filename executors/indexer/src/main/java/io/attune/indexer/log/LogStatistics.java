package io.attune.indexer.log;

/// What a log has done since it was opened, and what it holds.
///
/// @param appendedRecords records that were synced
/// @param syncs group commits: syncs that made records durable
/// @param writtenBytes bytes of those records, framing included
/// @param queuedBytes bytes that wait for the disk now
/// @param segments files of the log
/// @param firstSequence the oldest sequence that the log still holds, or would hold next
/// @param syncedSequence the newest durable sequence; 0 for none
/// @param stopReason why writes are refused until restart; empty while they are not
public record LogStatistics(
    long appendedRecords,
    long syncs,
    long writtenBytes,
    long queuedBytes,
    int segments,
    long firstSequence,
    long syncedSequence,
    String stopReason) {}
