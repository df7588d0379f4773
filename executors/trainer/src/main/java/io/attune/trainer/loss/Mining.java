package io.attune.trainer.loss;

import ai.djl.ndarray.NDArray;
import io.attune.trainer.data.Supervision;
import io.attune.trainer.distance.Distance;
import io.attune.trainer.distance.DistanceMatrix;
import io.attune.trainer.miner.Mined;
import io.attune.trainer.miner.Miner;
import io.attune.trainer.miner.Relations;
import io.attune.trainer.miner.Relations.Negatives;
import io.attune.trainer.miner.TripletVisitor;
import io.attune.trainer.option.Option;
import io.attune.trainer.option.Options;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Where the pairs and triplets of a loss come from.
///
/// @param distance what the loss measures by
/// @param negatives what items of other sessions are
/// @param miner what chooses; null for all of the batch
record Mining(Distance distance, Negatives negatives, @Nullable Miner miner) {
  private static final Option ACROSS =
      Option.oneOf(
          "negatives",
          "session",
          List.of("session", "batch"),
          "for sessions, what is negative: the session's own negatives, or also all items of other"
              + " sessions");

  static Option option(Negatives byDefault) {
    return byDefault == Negatives.SESSION
        ? ACROSS
        : new Option(ACROSS.name(), ACROSS.type(), "batch", ACROSS.help());
  }

  static Mining of(Options options, @Nullable Miner miner) {
    boolean batch = options.text(ACROSS.name()).equals("batch");
    return new Mining(Distance.of(options), batch ? Negatives.BATCH : Negatives.SESSION, miner);
  }

  /// The choice for one batch.
  Selection select(NDArray embeddings, Supervision supervision) {
    Relations relations = Relations.of(supervision, negatives);
    DistanceMatrix matrix = distance.within(embeddings);
    if (miner == null) {
      return new Selection(matrix, relations, null);
    }
    boolean same = miner.distance().equals(distance);
    DistanceMatrix measured = same ? matrix : miner.distance().within(embeddings.stopGradient());
    return new Selection(matrix, relations, miner.mine(measured, relations));
  }

  /// What was chosen of one batch.
  ///
  /// @param matrix the loss's measures
  /// @param relations what is known of the items
  /// @param mined the miner's choice; null for all
  record Selection(DistanceMatrix matrix, Relations relations, @Nullable Mined mined) {
    void triplets(TripletVisitor visitor) {
      if (mined == null) {
        TripletVisitor.all(relations, visitor);
      } else {
        mined.triplets(visitor);
      }
    }

    Mined.Pairs pairs() {
      return mined == null ? Mined.all(relations) : mined.pairs();
    }
  }
}
