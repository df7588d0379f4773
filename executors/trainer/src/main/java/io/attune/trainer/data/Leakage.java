package io.attune.trainer.data;

import java.util.ArrayList;
import java.util.List;

/// How much of the evaluation data was seen in training: an evaluation on it flatters.
///
/// @param items how many items the evaluation data has
/// @param exact how many of them are in the training data, letter for letter
/// @param normalized how many are but for case, white space or Unicode's compatibility forms; those
///   of `exact` included
/// @param examples some of them
public record Leakage(int items, int exact, int normalized, List<String> examples) {
  public Leakage {
    examples = List.copyOf(examples);
  }

  /// The report for people, one line each; empty where there is none.
  public List<String> lines() {
    if (normalized == 0) {
      return List.of();
    }
    List<String> lines = new ArrayList<>();
    lines.add(
        "leakage: %,d of %,d evaluation items are in the training data (%,d letter for letter)"
            .formatted(normalized, items, exact));
    examples.forEach(example -> lines.add("  such as " + example));
    return lines;
  }
}
