package io.attune.runtime.registry;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/// Finds what somebody meant to write.
public final class Spelling {
  private static final int MOST_LISTED = 12;

  private Spelling() {}

  /// The known name that is nearest to what was written, if one is near: no more than a third of
  /// the letters differ, capitals counting for nothing.
  public static Optional<String> nearest(String written, Collection<String> known) {
    String lower = written.toLowerCase(Locale.ROOT);
    return known.stream()
        .min(Comparator.comparingInt(name -> distance(lower, name.toLowerCase(Locale.ROOT))))
        .filter(name ->
            distance(lower, name.toLowerCase(Locale.ROOT))
                <= Math.max(1, Math.max(written.length(), name.length()) / 3));
  }

  /// What a message says was expected of a name: the nearest where one is near, and all of those
  /// that are known; of many, only the nearest.
  public static String expected(String written, Collection<String> known) {
    String all = known.isEmpty() ? "none" : "one of " + String.join(", ", known);
    return nearest(written, known)
        .map(name -> "did you mean " + name + "?" + (known.size() > MOST_LISTED ? "" : " " + all))
        .orElse(all);
  }

  /// Optimal string alignment distance: letters inserted, left out, replaced, or swapped with the
  /// next.
  static int distance(String a, String b) {
    int[][] best = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        best[i][j] = i == 0 || j == 0 ? i + j : step(best, a, b, i, j);
      }
    }
    return best[a.length()][b.length()];
  }

  private static int step(int[][] best, String a, String b, int i, int j) {
    int replaced = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
    int least =
        Math.min(best[i - 1][j - 1] + replaced, Math.min(best[i - 1][j] + 1, best[i][j - 1] + 1));
    boolean swapped =
        i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
    return swapped ? Math.min(least, best[i - 2][j - 2] + 1) : least;
  }
}
