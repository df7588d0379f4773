package io.attune.evaluator.gate;

import io.attune.evaluator.metrics.Comparison;
import io.attune.evaluator.metrics.Evaluation;
import org.apache.commons.statistics.distribution.TDistribution;

/// Decides whether a candidate is better than what is live, on queries that neither was tuned on.
///
/// It passes where the lower bound of its paired gain lies above the margin. Who tries often enough
/// on one set of queries finds a candidate that is better there by chance, so each attempt on the
/// same set has a smaller chance to pass so: attempt k gets 0.05 / (k (k + 1)) of the tail (alpha
/// spending; the shares of all attempts, however many, sum to 0.05). The first attempt's bound is
/// thereby the lower end of the usual 95 % interval, and of any number of candidates that are no
/// better the chance that even one passes is 5 % at most.
///
/// The bound is the lower of two: Student's t of the paired differences, which reaches into tails
/// that no number of resamples does, and the bootstrap's 2.5 % percentile.
///
/// @param options what a candidate must show
public record Gate(GateOptions options) {
  private static final double FALSE_PASSES = 0.05;

  /// Judges a candidate.
  ///
  /// @param live the evaluation of what is live
  /// @param candidate that of the candidate, on the same queries
  /// @param attempt the how-manieth on this set of queries it is, 1 or more
  /// @throws IllegalArgumentException where the queries or the cut-offs differ, or the metric was
  ///   not evaluated
  public Verdict judge(Evaluation live, Evaluation candidate, int attempt) {
    if (attempt < 1) {
      throw new IllegalArgumentException("attempt: " + attempt + " (expected: 1 or more)");
    }
    Comparison comparison =
        Comparison.of(options.metric(), live, candidate, options.resamples(), options.seed());
    double tail = tail(attempt);
    double[] differences = Comparison.differences(options.metric(), live, candidate);
    double bound = Math.min(bound(differences, tail), comparison.difference().low());
    return new Verdict(options, comparison, differences.length, attempt, tail, bound);
  }

  /// The chance that an attempt has to pass where it is no better.
  ///
  /// @param attempt 1 or more
  static double tail(int attempt) {
    return FALSE_PASSES / ((double) attempt * (attempt + 1.0));
  }

  /// The one-sided lower bound of the mean by Student's t; the mean itself where nothing varies.
  private static double bound(double[] values, double tail) {
    int count = values.length;
    double mean = 0;
    for (double value : values) {
      mean += value / count;
    }
    double squares = 0;
    for (double value : values) {
      squares += (value - mean) * (value - mean);
    }
    if (squares == 0) {
      return mean;
    }
    if (count < 2) {
      return Double.NEGATIVE_INFINITY;
    }
    double error = Math.sqrt(squares / (count - 1) / count);
    return mean - TDistribution.of(count - 1.0).inverseSurvivalProbability(tail) * error;
  }
}
