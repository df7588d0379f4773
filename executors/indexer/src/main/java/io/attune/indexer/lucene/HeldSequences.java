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
/// Sequences are compared as ranks: twice the sequence, and one more for a document. So of one
/// sequence a document counts over a tombstone.
///
/// One thread at a time uses it; `cleared` may be read by others.
final class HeldSequences {
  private static final int MAX_RECENT = 1_000;

  private final Index index;

  /// Ranks by id that were applied and may not be visible yet; not all of them where `forgotten`.
  private final Map<String, Long> recent = new HashMap<>();

  private boolean forgotten;
  private long highest;
  private volatile long cleared;

  /// What the index itself holds.
  interface Index {
    /// Makes everything visible that was applied.
    void refresh() throws IOException;

    /// The visible rank of an id; 0 for none.
    long rank(String id) throws IOException;
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
    if (change.clears()) {
      // once only: a second time it would take what came behind it
      return change.sequence() > cleared;
    }
    return isNewer(change.id(), change.sequence(), change.content() != null);
  }

  /// Whether a document or a delete of a sequence is newer than what is held for an id.
  boolean isNewer(String id, long sequence, boolean isDocument) throws IOException {
    return sequence > highest || (sequence > cleared && rank(sequence, isDocument) > held(id));
  }

  /// The rank of a sequence.
  static long rank(long sequence, boolean isDocument) {
    return 2 * sequence + (isDocument ? 1 : 0);
  }

  private long held(String id) throws IOException {
    if (forgotten) {
      index.refresh();
      recent.clear();
      forgotten = false;
    }
    Long newer = recent.get(id);
    return newer != null ? newer : index.rank(id);
  }

  /// Takes a change in that was applied.
  void applied(Change change) {
    highest = Math.max(highest, change.sequence());
    if (change.clears()) {
      cleared = change.sequence();
      forgotten = true;
    } else if (!forgotten) {
      recent.put(change.id(), rank(change.sequence(), change.content() != null));
      forgotten = recent.size() >= MAX_RECENT;
    }
  }

  /// Says that ids have lost what was held for them.
  void forget() {
    forgotten = true;
  }
}
