package io.attune.trainer.data;

/// What is known of how the items of a batch relate. Item `i` is the batch's document `i` and row
/// `i` of its embeddings.
public sealed interface Supervision {
  /// The same relations for items in another order.
  ///
  /// @param order the old index of each new item
  Supervision permuted(int[] order);

  /// Items of one label belong together, items of different labels do not (a class dataset).
  ///
  /// @param labels one per item, counted from 0 in the order first seen in the dataset
  @SuppressWarnings("ArrayRecordComponent") // on the data path; never compared
  record Labels(int[] labels) implements Supervision {
    @Override
    public Labels permuted(int[] order) {
      return new Labels(Orders.pick(labels, order));
    }
  }

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

    @Override
    public Sessions permuted(int[] order) {
      return new Sessions(Orders.pick(sessions, order), Orders.pick(roles, order));
    }
  }

  /// How similar two items are, by somebody's judgement.
  ///
  /// @param left the first item of each pair
  /// @param right the second item of each pair
  /// @param scores 0 (unrelated) to 1 (the same), one per pair
  @SuppressWarnings("ArrayRecordComponent") // on the data path; never compared
  record Scores(int[] left, int[] right, float[] scores) implements Supervision {
    @Override
    public Scores permuted(int[] order) {
      int[] now = Orders.inverse(order);
      return new Scores(Orders.pick(now, left), Orders.pick(now, right), scores);
    }
  }
}
