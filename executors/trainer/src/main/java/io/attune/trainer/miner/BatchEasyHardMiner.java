package io.attune.trainer.miner;

import io.attune.runtime.FlowException;
import io.attune.trainer.distance.Distance;
import io.attune.trainer.distance.DistanceMatrix;
import io.attune.trainer.option.Option;
import io.attune.trainer.option.OptionType;
import io.attune.trainer.option.Options;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Chooses per anchor one positive and one negative by a strategy each (arXiv:2104.01051):
/// pytorch-metric-learning's `BatchEasyHardMiner`. With both hard it is `BatchHardMiner`
/// (arXiv:1703.07737), which gives triplets.
///
/// - hard: the farthest positive, the nearest negative
/// - easy: the nearest positive, the farthest negative
/// - semihard: the hardest that the other side's choice still beats
/// - all: all of them, as pairs
///
/// An anchor that lacks either is left out. Of equal ones the first is chosen.
///
/// @param positives how positives are chosen
/// @param negatives how negatives are chosen
/// @param asTriplets whether the choice is triplets, not pairs
/// @param distance what it measures by
record BatchEasyHardMiner(Side positives, Side negatives, boolean asTriplets, Distance distance)
    implements Miner {
  private static final List<String> STRATEGIES = List.of("easy", "semihard", "hard", "all");

  /// How one is chosen among candidates.
  enum Strategy {
    EASY,
    SEMIHARD,
    HARD,
    ALL
  }

  /// How one side is chosen.
  ///
  /// @param strategy which candidate
  /// @param least the smallest measure of a candidate
  /// @param most the largest measure of a candidate
  record Side(Strategy strategy, double least, double most) {
    static final Side HARD = new Side(Strategy.HARD, Double.NEGATIVE_INFINITY, Double.MAX_VALUE);

    static Side of(Options options, String side) {
      Strategy strategy = Choices.named(Strategy.values(), options.text(side + "_strategy"));
      List<Double> range =
          options
              .reals("allowed_" + side + "_range")
              .orElse(List.of(Double.NEGATIVE_INFINITY, Double.MAX_VALUE));
      if (range.get(0) > range.get(1)) {
        throw FlowException.invalid(
            "allowed_%s_range: %s (expected: the smaller bound first)".formatted(side, range));
      }
      return new Side(strategy, range.get(0), range.get(1));
    }
  }

  BatchEasyHardMiner {
    Strategy pos = positives.strategy;
    Strategy neg = negatives.strategy;
    boolean other = pos == Strategy.SEMIHARD || pos == Strategy.ALL;
    boolean both = other && (neg == Strategy.SEMIHARD || neg == Strategy.ALL);
    if (both && (pos == Strategy.SEMIHARD || neg == Strategy.SEMIHARD)) {
      throw FlowException.invalid(
          "pos_strategy, neg_strategy: %s, %s (expected: with semihard, the other easy or hard)"
              .formatted(Choices.name(pos), Choices.name(neg)));
    }
  }

  static List<Option> options() {
    List<Option> options = new ArrayList<>();
    options.add(
        Option.oneOf("pos_strategy", "easy", STRATEGIES, "which positive of an anchor is chosen"));
    options.add(
        Option.oneOf(
            "neg_strategy", "semihard", STRATEGIES, "which negative of an anchor is chosen"));
    OptionType interval = new OptionType.Interval(-Double.MAX_VALUE, Double.MAX_VALUE);
    options.add(
        new Option(
            "allowed_pos_range", interval, null, "least and greatest measure of a positive"));
    options.add(
        new Option(
            "allowed_neg_range", interval, null, "least and greatest measure of a negative"));
    options.addAll(Distance.options(Distance.Metric.LP));
    return options;
  }

  static BatchEasyHardMiner of(Options options) {
    return new BatchEasyHardMiner(
        Side.of(options, "pos"), Side.of(options, "neg"), false, Distance.of(options));
  }

  static BatchEasyHardMiner hard(Distance distance) {
    return new BatchEasyHardMiner(Side.HARD, Side.HARD, true, distance);
  }

  @Override
  public Mined mine(DistanceMatrix matrix, Relations relations) {
    int size = relations.size();
    int[] positive = new int[size];
    int[] negative = new int[size];
    for (int a = 0; a < size; a++) {
      if (positives.strategy == Strategy.SEMIHARD && negatives.strategy != Strategy.ALL) {
        negative[a] = negative(matrix, relations, a, null);
        positive[a] = positive(matrix, relations, a, at(matrix, a, negative[a]));
      } else {
        positive[a] = positive(matrix, relations, a, null);
        boolean bounded = negatives.strategy == Strategy.SEMIHARD;
        Float bound = bounded ? at(matrix, a, positive[a]) : null;
        negative[a] = negative(matrix, relations, a, bound);
      }
    }
    return chosen(relations, positive, negative);
  }

  private static Float at(DistanceMatrix matrix, int anchor, int other) {
    return other < 0 ? Float.NaN : matrix.at(anchor, other);
  }

  private int positive(DistanceMatrix matrix, Relations known, int anchor, @Nullable Float bound) {
    boolean greatest = (positives.strategy != Strategy.EASY) != distance.inverted();
    return extreme(matrix, known, anchor, true, greatest, bound);
  }

  private int negative(DistanceMatrix matrix, Relations known, int anchor, @Nullable Float bound) {
    boolean greatest = (negatives.strategy == Strategy.EASY) != distance.inverted();
    return extreme(matrix, known, anchor, false, greatest, bound);
  }

  /// The candidate of greatest or least measure strictly within the bound, or -1.
  private int extreme(
      DistanceMatrix matrix,
      Relations known,
      int anchor,
      boolean positive,
      boolean greatest,
      @Nullable Float bound) {
    Side side = positive ? positives : negatives;
    int best = -1;
    for (int j = 0; j < known.size(); j++) {
      float value = matrix.at(anchor, j);
      boolean candidate = positive ? known.positive(anchor, j) : known.negative(anchor, j);
      if (!candidate || value < side.least || value > side.most) {
        continue;
      }
      if (bound != null && !(greatest ? value < bound : value > bound)) {
        continue;
      }
      float record = best < 0 ? Float.NaN : matrix.at(anchor, best);
      if (best < 0 || (greatest ? value > record : value < record)) {
        best = j;
      }
    }
    return best;
  }

  private Mined chosen(Relations relations, int[] positive, int[] negative) {
    Mined.Pairs all = Mined.all(relations);
    boolean allPositives = positives.strategy == Strategy.ALL;
    boolean allNegatives = negatives.strategy == Strategy.ALL;
    Mined.Indices p = new Mined.Indices();
    Mined.Indices n = new Mined.Indices();
    for (int a = 0; a < relations.size(); a++) {
      boolean both = allPositives || allNegatives || (positive[a] >= 0 && negative[a] >= 0);
      if (both && positive[a] >= 0) {
        p.add(a, positive[a]);
      }
      if (both && negative[a] >= 0) {
        n.add(a, negative[a]);
      }
    }
    int[] positiveAnchors = allPositives ? all.anchors() : p.column(0, 2);
    int[] chosenPositives = allPositives ? all.positives() : p.column(1, 2);
    int[] negativeAnchors = allNegatives ? all.negativeAnchors() : n.column(0, 2);
    int[] chosenNegatives = allNegatives ? all.negatives() : n.column(1, 2);
    return asTriplets
        ? new Mined.Triplets(positiveAnchors, chosenPositives, chosenNegatives)
        : new Mined.Pairs(positiveAnchors, chosenPositives, negativeAnchors, chosenNegatives);
  }
}
