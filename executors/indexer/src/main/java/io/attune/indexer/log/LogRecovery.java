package io.attune.indexer.log;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Finds the segments of a folder at open, checks every frame, and makes the end fit to go on from.
///
/// A segment's bytes behind its last *synced* frame were never promised to anybody: where they are
/// not whole frames, that is the torn tail of a crash, and it is cut off. Any other damage would
/// lose acknowledged records and is refused. What a killed process left in the page cache is synced
/// before it is believed.
final class LogRecovery {
  private static final Logger log = LoggerFactory.getLogger(LogRecovery.class);

  private final LogFolder folder;
  private final String shard;

  /// What was found.
  ///
  /// @param view the segments and the last sequence
  /// @param writer goes on behind the last record
  record Recovered(LogView view, SegmentWriter writer) {}

  /// Where the valid part of a segment ends.
  private record Scanned(long end, long lastSequence, boolean isNoted) {}

  LogRecovery(LogFolder folder, String shard) {
    this.folder = folder;
    this.shard = shard;
  }

  Recovered recover() throws IOException {
    List<String> names = segmentNames();
    if (names.isEmpty()) {
      SegmentHeader first = new SegmentHeader(1, UUID.randomUUID(), shard);
      SegmentWriter writer = SegmentWriter.create(folder, first);
      return new Recovered(new LogView(List.of(first), writer.end(), 0, 0, 0, 0), writer);
    }
    List<SegmentHeader> segments = new ArrayList<>();
    long lastSequence = -1;
    for (String name : names.subList(0, names.size() - 1)) {
      try (LogFile file = folder.open(name)) {
        segments.add(header(file, name, segments, lastSequence));
        lastSequence = scan(segments.getLast(), file, false).lastSequence();
      }
    }
    LogFile file = folder.open(names.getLast());
    boolean isRecovered = false;
    try {
      segments.add(header(file, names.getLast(), segments, lastSequence));
      Recovered recovered = resume(segments, file);
      isRecovered = true;
      return recovered;
    } finally {
      if (!isRecovered) {
        file.close();
      }
    }
  }

  private List<String> segmentNames() throws IOException {
    List<String> names = new ArrayList<>();
    boolean isChanged = false;
    for (String name : folder.list()) {
      if (name.endsWith(SegmentWriter.DRAFT)) {
        folder.delete(name);
        isChanged = true;
      } else if (SegmentHeader.isSegment(name)) {
        names.add(name);
      }
    }
    if (isChanged) {
      folder.sync();
    }
    names.sort(null);
    return names;
  }

  /// Reads and checks the header of the segment behind others.
  private SegmentHeader header(
      LogFile file, String name, List<SegmentHeader> before, long lastSequence) throws IOException {
    String described = folder.describe(name);
    SegmentHeader header = SegmentHeader.read(file, described);
    if (!header.shard().equals(shard)) {
      throw Damage.of(described, "belongs to shard " + header.shard(), "shard " + shard);
    }
    if (!SegmentHeader.fileName(header.firstSequence()).equals(name)) {
      throw Damage.of(
          described, "begins with record " + header.firstSequence(), "the record of its name");
    }
    if (before.isEmpty()) {
      return header;
    }
    if (!header.logId().equals(before.getLast().logId())) {
      throw Damage.of(described, "is of another log than the file before it", "one log");
    }
    if (header.firstSequence() != lastSequence + 1) {
      throw Damage.of(
          described,
          "begins with record " + header.firstSequence(),
          "record " + (lastSequence + 1) + "; a file is missing or cut off");
    }
    return header;
  }

  private Scanned scan(SegmentHeader header, LogFile file, boolean isLast) throws IOException {
    String described = folder.describe(SegmentHeader.fileName(header.firstSequence()));
    long last = header.firstSequence() - 1;
    boolean isNoted = true;
    SegmentReader reader = new SegmentReader(header, file, file.size());
    while (true) {
      SegmentReader.Step step = reader.next();
      long at = reader.offset();
      switch (step) {
        case RECORD -> {
          requireSequence(described, at, reader.sequence(), last + 1);
          last++;
          isNoted = false;
        }
        case SYNCED -> {
          requireSequence(described, at, reader.sequence(), last);
          isNoted = true;
        }
        case END -> {
          return new Scanned(at, last, isNoted);
        }
        case DAMAGED -> {
          if (!isLast || reader.findSyncedBehind() >= 0) {
            throw Damage.at(described, at, reader.damage());
          }
          return new Scanned(at, last, isNoted);
        }
      }
    }
  }

  private static void requireSequence(String file, long offset, long sequence, long expected) {
    if (sequence != expected) {
      throw Damage.at(
          file, offset, "record %d stands where %d belongs".formatted(sequence, expected));
    }
  }

  private Recovered resume(List<SegmentHeader> segments, LogFile file) throws IOException {
    SegmentHeader header = segments.getLast();
    Scanned scanned = scan(header, file, true);
    long torn = file.size() - scanned.end();
    if (torn > 0) {
      file.truncate(scanned.end());
      log.atWarn()
          .addKeyValue("file", folder.describe(SegmentHeader.fileName(header.firstSequence())))
          .addKeyValue("offset", scanned.end())
          .addKeyValue("bytes", torn)
          .log("cut off the torn tail of a write that was never acknowledged");
    }
    file.sync();
    SegmentWriter writer = new SegmentWriter(header, file, scanned.end());
    if (!scanned.isNoted()) {
      writer.noteSynced(scanned.lastSequence());
    }
    LogView view = new LogView(segments, writer.end(), scanned.lastSequence(), 0, 0, 0);
    return new Recovered(view, writer);
  }
}
