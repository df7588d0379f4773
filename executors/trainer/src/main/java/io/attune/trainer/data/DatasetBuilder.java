package io.attune.trainer.data;

/// A dataset while it is read.
sealed interface DatasetBuilder permits ClassBuilder, PairBuilder, ScoreBuilder, SessionBuilder {
  /// The dataset, once all rows are in and the items are sealed.
  Dataset finish();

  /// What is to be said of the finished dataset.
  Items.Checks checks();
}
