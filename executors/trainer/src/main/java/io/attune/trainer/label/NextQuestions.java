package io.attune.trainer.label;

import io.attune.runtime.FlowException;
import io.attune.runtime.Parameters;

/// What `/next` is asked for.
///
/// @param start `start`: the first question, counted from 0; 0
/// @param end `end`: the question after the last; 1. At most 1000 more than `start`
/// @param topk `topk`: how many matches each question has, 1..1000; 10
/// @param sampleSize `sample_size`: how many documents are drawn at random to be matches,
///   1..100000; 1000
/// @param mode `mode`: which questions are asked; `nearest`
public record NextQuestions(int start, int end, int topk, int sampleSize, Mode mode) {
  private static final int MOST = 1000;

  /// Which questions are asked.
  public enum Mode {
    /// In the order in which they were fed, the model's nearest matches with each.
    NEAREST,
    /// Those the model is least sure of, as different as can be, that were not asked yet.
    UNCERTAIN
  }

  /// Reads the parameters of a request.
  ///
  /// @throws FlowException where one is out of its range
  public static NextQuestions of(Parameters parameters) {
    int start = parameters.integer("start", 0, 0, Integer.MAX_VALUE - MOST);
    int end = parameters.integer("end", start + 1, 0, Integer.MAX_VALUE);
    if (end < start || end > start + MOST) {
      throw FlowException.invalid(
          "end: %d (expected: %d..%d, at most %d questions from start)"
              .formatted(end, start, start + MOST, MOST));
    }
    return new NextQuestions(
        start,
        end,
        parameters.integer("topk", 10, 1, MOST),
        parameters.integer("sample_size", 1000, 1, 100_000),
        mode(parameters.string("mode", "nearest")));
  }

  private static Mode mode(String name) {
    return switch (name) {
      case "nearest" -> Mode.NEAREST;
      case "uncertain" -> Mode.UNCERTAIN;
      default ->
          throw FlowException.invalid("mode: %s (expected: nearest or uncertain)".formatted(name));
    };
  }
}
