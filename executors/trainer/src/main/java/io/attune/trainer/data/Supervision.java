package io.attune.trainer.data;

/// What is known of how the items of a batch relate. Item `i` is the batch's document `i` and row
/// `i` of its embeddings.
public sealed interface Supervision {
  /// Items of one label belong together, items of different labels do not (a class dataset).
  ///
  /// @param labels one per item, counted from 0 in the order first seen in the dataset
  @SuppressWarnings("ArrayRecordComponent") // on the data path; never compared
  record Labels(int[] labels) implements Supervision {}

  /// Items of one session belong to its anchor, except those judged negative. Of items of different
  /// sessions nothing is known, but that the sampler never puts known duplicates into one batch.
  ///
  /// @param sessions one per item
  /// @param roles one per item: [#ANCHOR], [#POSITIVE] or [#NEGATIVE]
  @SuppressWarnings("ArrayRecordComponent") // on the data path; never compared
  record Sessions(int[] sessions, byte[] roles) implements Supervision {
    /// The question of a session; it has one.
    public static final byte ANCHOR = 0;

    /// Belongs to the anchor.
    public static final byte POSITIVE = 1;

    /// Does not belong to the anchor.
    public static final byte NEGATIVE = -1;
  }

  /// How similar two items are, by somebody's judgement.
  ///
  /// @param left the first item of each pair
  /// @param right the second item of each pair
  /// @param scores 0 (unrelated) to 1 (the same), one per pair
  @SuppressWarnings("ArrayRecordComponent") // on the data path; never compared
  record Scores(int[] left, int[] right, float[] scores) implements Supervision {}
}
