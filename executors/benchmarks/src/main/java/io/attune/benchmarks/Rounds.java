package io.attune.benchmarks;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// The figures of a run in which ours and the rival took turns.
///
/// @param ours our figures, one a round
/// @param rival the rival's: before the first round and after each, so one more
public record Rounds(List<Double> ours, List<Double> rival) {
  public Rounds {
    ours = List.copyOf(ours);
    rival = List.copyOf(rival);
  }

  /// Takes a figure.
  @FunctionalInterface
  public interface Measurement {
    double take() throws IOException, InterruptedException;
  }

  /// Measures the rival, then ours and the rival in turn.
  ///
  /// @param rounds how often ours is measured, at least 1
  /// @param progress takes a line a round
  public static Rounds alternate(
      int rounds, Measurement ours, Measurement rival, Consumer<String> progress)
      throws IOException, InterruptedException {
    List<Double> ourFigures = new ArrayList<>();
    List<Double> rivalFigures = new ArrayList<>();
    rivalFigures.add(rival.take());
    for (int round = 0; round < rounds; round++) {
      ourFigures.add(ours.take());
      rivalFigures.add(rival.take());
      double before = rivalFigures.get(round);
      double after = rivalFigures.get(round + 1);
      progress.accept(
          "round %d of %d: ours %.4g, rival %.4g before and %.4g after, ratio %.2f"
              .formatted(
                  round + 1,
                  rounds,
                  ourFigures.get(round),
                  before,
                  after,
                  ourFigures.get(round) * 2 / (before + after)));
    }
    return new Rounds(ourFigures, rivalFigures);
  }

  /// The result of both medians.
  public BenchResult toResult(
      String measure, String rivalName, BenchResult.Better better, double goal) {
    return BenchResult.of(measure, median(ours), rivalName, median(rival), better, goal);
  }

  /// The median; the mean of the middle two of an even number of figures.
  ///
  /// @param figures not empty
  public static double median(List<Double> figures) {
    double[] sorted = figures.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
