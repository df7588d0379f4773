package io.attune.trainer.data;

import java.util.Arrays;

/// How long texts are, in characters (UTF-16 units).
///
/// @param count how many texts
/// @param shortest the shortest
/// @param median the median
/// @param p95 one in twenty is longer
/// @param longest the longest
public record Lengths(int count, int shortest, int median, int p95, int longest) {
  static Lengths of(int[] lengths) {
    if (lengths.length == 0) {
      return new Lengths(0, 0, 0, 0, 0);
    }
    int[] sorted = lengths.clone();
    Arrays.sort(sorted);
    int last = sorted.length - 1;
    return new Lengths(
        sorted.length, sorted[0], sorted[last / 2], sorted[(int) (last * 0.95)], sorted[last]);
  }
}
