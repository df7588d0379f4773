package io.attune.trainer.data.sampler;

import io.attune.trainer.data.Dataset;
import io.attune.trainer.data.TrainingData;
import java.util.List;

/// Makes the batches of each epoch. The order depends on (seed, epoch) alone, and any batch of an
/// epoch can be asked for, so that training resumes at (epoch, step) without replaying.
///
/// What a batch holds:
/// - a positive for each anchor: two items or more of each class, of different texts; a positive
///   for each session's anchor. Classes of one text and sessions without a positive are in no batch
///   ([io.attune.trainer.data.DataReport#leftOut()]);
/// - no known duplicate as a negative: texts that are equal but for case and spaces, or that are
///   connected over any labels or positives of the data, are in one batch only as one class or
///   session; a negative that equals another session's anchor or positive stays out of its batch;
/// - no more than `batch_size` items. All batches of an epoch are nearly of one size, no two
///   further apart than one class's or session's items: there is no short last batch. Where more
///   than half of all must not meet each other, an epoch has no more of them than of all others,
///   drawn anew, and [#notes] says so.
///
/// Classes (Finetuner's ClassSampler): each class's texts are dealt in groups of
/// `num_items_per_class`; a last one alone is joined by another of its class, which so comes twice
/// in the epoch. A class larger than all others together shows only so many of its texts in an
/// epoch, others each time, that no batch is of it alone.
///
/// Sessions (Finetuner's SessionSampler): whole sessions are packed; one larger than a batch is cut
/// to it at random, keeping its anchor, a positive, and a negative if it has one.
///
/// Scored pairs: shuffled and cut; a text that is in several pairs of a batch is in it once.
public interface Sampler {
  /// The sampler for the kind of data.
  ///
  /// @throws io.attune.runtime.FlowException (INVALID_ARGUMENT) for an option that has no use for
  ///   this kind, and for data of which no batch can be made
  static Sampler of(TrainingData data, SamplerOptions options) {
    return switch (data.dataset()) {
      case Dataset.Classes classes -> ClassSampler.of(data, classes, options);
      case Dataset.Sessions sessions -> SessionSampler.of(data, sessions, options);
      case Dataset.ScoredPairs pairs -> PairSampler.of(data, pairs, options);
    };
  }

  /// How many batches every epoch has.
  int batchesPerEpoch();

  /// The batches of an epoch, planned but not read.
  ///
  /// @param number from 0
  Epoch epoch(int number);

  /// What people should know of how this data is sampled, one line each.
  default List<String> notes() {
    return List.of();
  }
}
