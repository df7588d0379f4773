package io.attune.indexer.lucene;

import io.attune.indexer.generation.Change;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/// The sequences that a generation holds for its ids: decides whether a change counts.
///
/// A change with a sequence above all that the index ever held needs no look at what is held for
/// its id, and that is every change but those replayed at start or copied from another generation.
///
/// One thread changes it; `cleared` may be read by others.
final class HeldSequences {
  private static final int MAX_RECENT = 1_000;

  private final Index index;

  /// Sequences by id that were applied and may not be visible yet; not all of them where
  /// `forgotten`.
  private final Map<String, Long> recent = new HashMap<>();

  private boolean forgotten;
  private long highest;
  private volatile long cleared;

  /// What the index itself holds.
  interface Index {
    /// Makes everything visible that was applied.
    void refresh() throws IOException;

    /// The visible sequence of an id; 0 for none.
    long sequence(String id) throws IOException;
  }

  HeldSequences(Index index) {
    this.index = index;
  }

  /// Begins with an index that holds no sequence above the highest, and was last cleared at one.
  void restore(long greatest, long lastCleared) {
    highest = Math.max(greatest, lastCleared);
    cleared = lastCleared;
  }

  /// The sequence of the last clearing, which holds for all ids; 0 for none.
  long cleared() {
    return cleared;
  }

  /// Whether a change is newer than what is held for its id.
  boolean isNewer(Change change) throws IOException {
    long sequence = change.sequence();
    if (sequence > highest) {
      return true;
    }
    if (change.clears()) {
      return sequence >= cleared;
    }
    return sequence > cleared && sequence > held(change.id());
  }

  private long held(String id) throws IOException {
    if (forgotten) {
      index.refresh();
      recent.clear();
      forgotten = false;
    }
    Long newer = recent.get(id);
    return newer != null ? newer : index.sequence(id);
  }

  /// Takes a change in that was applied.
  void applied(Change change) {
    highest = Math.max(highest, change.sequence());
    if (change.clears()) {
      cleared = change.sequence();
      forgotten = true;
    } else if (!forgotten) {
      recent.put(change.id(), change.sequence());
      forgotten = recent.size() >= MAX_RECENT;
    }
  }

  /// Says that ids have lost what was held for them.
  void forget() {
    forgotten = true;
  }
}
