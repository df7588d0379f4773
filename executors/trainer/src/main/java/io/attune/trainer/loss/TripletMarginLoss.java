package io.attune.trainer.loss;

import ai.djl.ndarray.NDArray;
import io.attune.runtime.FlowException;
import io.attune.trainer.data.Supervision;
import io.attune.trainer.distance.Distance;
import io.attune.trainer.distance.DistanceMatrix;
import io.attune.trainer.miner.Miner;
import io.attune.trainer.miner.Relations;
import io.attune.trainer.miner.Relations.Negatives;
import io.attune.trainer.miner.TripletVisitor;
import io.attune.trainer.option.Option;
import io.attune.trainer.option.OptionType;
import io.attune.trainer.option.Options;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/// The hinge `[d(a,p) − d(a,n) + margin]₊` over triplets, pytorch-metric-learning's
/// `TripletMarginLoss`.
///
/// A batch of 128 can hold half a million triplets, so none is kept: one pass over them sums the
/// loss and its derivative by each of the distances, which is all that the graph needs.
record TripletMarginLoss(
    Mining mining, Reducer reducer, float margin, boolean swap, boolean smooth, int perAnchor)
    implements Loss {
  private static final int ALL = 0;

  static List<Option> options() {
    List<Option> options = new ArrayList<>();
    options.add(Option.real("margin", 0.05, "by how much a negative must be farther"));
    options.add(
        Option.flag("swap", false, "measure the negative from the positive where that is nearer"));
    options.add(Option.flag("smooth_loss", false, "log(1 + e^x) in place of the hinge [x]+"));
    options.add(
        new Option(
            "triplets_per_anchor",
            new OptionType.Whole(1, 1 << 20, "all"),
            "all",
            "all, or how many are drawn at random, with replacement"));
    options.addAll(Distance.options(Distance.Metric.LP));
    options.add(Reducer.option(Reducer.AVG_NON_ZERO));
    options.add(Mining.option(Negatives.SESSION));
    return options;
  }

  static Loss of(Options options, @Nullable Miner miner) {
    boolean all = options.text("triplets_per_anchor").equals("all");
    if (!all && miner != null) {
      throw FlowException.invalid(
          "triplets_per_anchor: %s (expected: all, as a miner chooses the triplets)"
              .formatted(options.text("triplets_per_anchor")));
    }
    return new TripletMarginLoss(
        Mining.of(options, miner),
        Reducer.of(options),
        (float) options.real("margin"),
        options.flag("swap"),
        options.flag("smooth_loss"),
        all ? ALL : (int) options.whole("triplets_per_anchor"));
  }

  @Override
  public NDArray of(NDArray embeddings, Supervision supervision, long seed) {
    Mining.Selection selection = mining.select(embeddings, supervision);
    Total total = new Total(selection.matrix());
    if (perAnchor == ALL) {
      selection.triplets(total);
    } else {
      draw(selection.relations(), new SplittableRandom(seed), total);
    }
    return total.count == 0 ? Scalars.zero(embeddings) : total.scalar();
  }

  private void draw(Relations relations, SplittableRandom random, TripletVisitor visitor) {
    int size = relations.size();
    int[] positives = new int[size];
    int[] negatives = new int[size];
    for (int a = 0; a < size; a++) {
      int p = 0;
      int n = 0;
      for (int j = 0; j < size; j++) {
        if (relations.positive(a, j)) {
          positives[p++] = j;
        } else if (relations.negative(a, j)) {
          negatives[n++] = j;
        }
      }
      for (int t = 0; t < perAnchor && p > 0 && n > 0; t++) {
        visitor.visit(a, positives[random.nextInt(p)], negatives[random.nextInt(n)]);
      }
    }
  }

  /// The loss so far, and its derivative by each distance.
  private final class Total implements TripletVisitor {
    private final DistanceMatrix matrix;
    private final double[] derivative;
    private double sum;
    private long count;
    private long nonZero;

    Total(DistanceMatrix matrix) {
      this.matrix = matrix;
      this.derivative = new double[matrix.size() * matrix.size()];
    }

    @Override
    public void visit(int anchor, int positive, int negative) {
      Distance distance = matrix.distance();
      float near = matrix.at(anchor, positive);
      float far = matrix.at(anchor, negative);
      float swapped = swap ? matrix.at(positive, negative) : far;
      float closer = swap ? distance.margin(far, swapped) : 0;
      float violation = distance.margin(near, closer > 0 ? swapped : far) + margin;
      count++;
      double loss = smooth ? softplus(violation) : Math.max(0, violation);
      if (loss > 0) {
        nonZero++;
        sum += loss;
        double slope = smooth ? 1 / (1 + Math.exp(-violation)) : 1;
        slope = distance.inverted() ? -slope : slope;
        add(anchor, positive, slope);
        // where both are equally near, torch's minimum halves the derivative
        double share = !swap || closer < 0 ? 1 : closer > 0 ? 0 : 0.5;
        add(anchor, negative, -slope * share);
        add(positive, negative, -slope * (1 - share));
      }
    }

    private void add(int row, int column, double slope) {
      derivative[row * matrix.size() + column] += slope;
    }

    private static double softplus(float x) {
      return x > 20 ? x : Math.log1p(Math.exp(x));
    }

    NDArray scalar() {
      long divisor = reducer.divisor(count, nonZero);
      float[] gradient = new float[derivative.length];
      for (int i = 0; i < gradient.length; i++) {
        gradient[i] = (float) (derivative[i] / divisor);
      }
      return matrix.scalar(sum / divisor, gradient);
    }
  }
}
