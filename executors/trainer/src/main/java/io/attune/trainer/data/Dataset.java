package io.attune.trainer.data;

import java.util.List;

/// How the items of [TrainingData] relate, all of them. Items are counted from 0 in the order read.
public sealed interface Dataset {
  /// Items of one class belong together (Finetuner's ClassDataset).
  ///
  /// @param labels the class of each item, counted from 0 in the order first seen
  /// @param names the classes' labels as the data has them; empty for pairs, whose classes have
  ///   none
  @SuppressWarnings("ArrayRecordComponent") // as large as the data; never compared
  record Classes(int[] labels, List<String> names) implements Dataset {
    /// How many classes.
    public int count() {
      int most = -1;
      for (int label : labels) {
        most = Math.max(most, label);
      }
      return most + 1;
    }
  }

  /// Anchors with what belongs to them and what does not (Finetuner's SessionDataset). Entries
  /// `starts[s]` to `starts[s + 1]` are session `s`; the first is its anchor. One item may be in
  /// several sessions.
  ///
  /// @param starts one more than there are sessions
  /// @param items the item of each entry
  /// @param roles the role of each entry, as in [Supervision.Sessions]
  @SuppressWarnings("ArrayRecordComponent") // as large as the data; never compared
  record Sessions(int[] starts, int[] items, byte[] roles) implements Dataset {
    /// How many sessions.
    public int count() {
      return starts.length - 1;
    }

    /// The item that session `s` is about.
    public int anchor(int s) {
      return items[starts[s]];
    }
  }

  /// Pairs of items and how similar somebody judged them.
  ///
  /// @param left the first item of each pair
  /// @param right the second item of each pair
  /// @param scores 0 (unrelated) to 1 (the same), one per pair
  @SuppressWarnings("ArrayRecordComponent") // as large as the data; never compared
  record ScoredPairs(int[] left, int[] right, float[] scores) implements Dataset {
    /// How many pairs.
    public int count() {
      return scores.length;
    }
  }
}
