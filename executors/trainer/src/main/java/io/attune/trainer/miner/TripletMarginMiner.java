package io.attune.trainer.miner;

import io.attune.trainer.distance.Distance;
import io.attune.trainer.distance.DistanceMatrix;
import io.attune.trainer.option.Option;
import io.attune.trainer.option.Options;
import java.util.ArrayList;
import java.util.List;

/// Chooses triplets by how much nearer the positive is than the negative (FaceNet,
/// arXiv:1503.03832): pytorch-metric-learning's `TripletMarginMiner`.
///
/// @param margin what separates violating triplets from easy ones
/// @param type which triplets
/// @param distance what it measures by
record TripletMarginMiner(float margin, Type type, Distance distance) implements Miner {
  /// Which triplets are chosen, by `d(a,n) − d(a,p)`.
  enum Type {
    /// At most the margin.
    ALL,
    /// At most 0.
    HARD,
    /// Above 0 and at most the margin.
    SEMIHARD,
    /// Above the margin.
    EASY
  }

  static List<Option> options() {
    List<Option> options = new ArrayList<>();
    options.add(Option.real("margin", 0.2, "triplets violate it when d(a,n) - d(a,p) is no more"));
    options.add(
        Option.oneOf(
            "type_of_triplets",
            "all",
            List.of("all", "hard", "semihard", "easy"),
            "all that violate the margin; hard: negative nearer than positive; semihard: the other"
                + " violating ones; easy: those that do not violate"));
    options.addAll(Distance.options(Distance.Metric.LP));
    return options;
  }

  static TripletMarginMiner of(Options options) {
    Type type = Choices.named(Type.values(), options.text("type_of_triplets"));
    return new TripletMarginMiner((float) options.real("margin"), type, Distance.of(options));
  }

  @Override
  public Mined mine(DistanceMatrix matrix, Relations relations) {
    Mined.Indices chosen = new Mined.Indices();
    TripletVisitor.all(
        relations,
        (a, p, n) -> {
          if (chooses(distance.margin(matrix.at(a, n), matrix.at(a, p)))) {
            chosen.add(a, p, n);
          }
        });
    return new Mined.Triplets(chosen.column(0, 3), chosen.column(1, 3), chosen.column(2, 3));
  }

  private boolean chooses(float difference) {
    return switch (type) {
      case ALL -> difference <= margin;
      case HARD -> difference <= margin && difference <= 0;
      case SEMIHARD -> difference <= margin && difference > 0;
      case EASY -> difference > margin;
    };
  }
}
