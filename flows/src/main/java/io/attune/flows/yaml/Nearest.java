package io.attune.flows.yaml;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;

/// The known name nearest to a mistyped one.
public final class Nearest {
  private static final int MOST_LISTED = 12;

  private Nearest() {}

  /// What a message says was expected: the nearest name where one is near, and all of a short list.
  public static String expected(String name, Collection<String> known) {
    String near =
        known.stream()
            .min(
                Comparator.comparingInt((String each) -> distance(name, each))
                    .thenComparing(each -> each))
            .filter(each -> distance(name, each) <= Math.max(2, each.length() / 2))
            .map(each -> "did you mean " + each + "?")
            .orElse("");
    if (known.size() <= MOST_LISTED) {
      String all = known.isEmpty() ? "none" : "one of " + String.join(", ", known);
      return near.isEmpty() ? all : near + " It must be " + all;
    }
    return near.isEmpty()
        ? "one of the %d names in docs/flow-yaml.md".formatted(known.size())
        : near;
  }

  /// The number of characters to insert, delete, replace or swap; `-` and `_` are one character.
  static int distance(String from, String to) {
    String a = normal(from);
    String b = normal(to);
    int[][] cost = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        cost[i][j] = i == 0 || j == 0 ? i + j : cheapest(cost, a, b, i, j);
      }
    }
    return cost[a.length()][b.length()];
  }

  private static int cheapest(int[][] cost, String a, String b, int i, int j) {
    boolean same = a.charAt(i - 1) == b.charAt(j - 1);
    int least =
        Math.min(cost[i - 1][j - 1] + (same ? 0 : 1), Math.min(cost[i - 1][j], cost[i][j - 1]) + 1);
    boolean swapped =
        i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
    return swapped ? Math.min(least, cost[i - 2][j - 2] + 1) : least;
  }

  private static String normal(String name) {
    String shortened = name.length() > 64 ? name.substring(0, 64) : name;
    return shortened.replace('-', '_').toLowerCase(Locale.ROOT);
  }
}
