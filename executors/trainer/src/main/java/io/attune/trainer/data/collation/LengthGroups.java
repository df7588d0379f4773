package io.attune.trainer.data.collation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Cuts rows of different lengths into groups that are padded each to its own longest, so that
/// together they cost least: every token with its padding, and for each group the tokens whose time
/// a pass takes before it reads any. By dynamic programming over the rows sorted by length, which
/// finds the best cut.
final class LengthGroups {
  private LengthGroups() {}

  /// The indices of the rows of each group, by length.
  ///
  /// @param passTokens what one more pass costs, in tokens; 0 or more
  static List<int[]> of(int[] lengths, int passTokens) {
    int[] order = byLength(lengths);
    int rows = order.length;
    long[] cost = new long[rows + 1];
    int[] from = new int[rows + 1];
    for (int end = 1; end <= rows; end++) {
      cost[end] = Long.MAX_VALUE;
      long longest = lengths[order[end - 1]];
      for (int start = 0; start < end; start++) {
        long total = cost[start] + (end - start) * longest + passTokens;
        if (total < cost[end]) {
          cost[end] = total;
          from[end] = start;
        }
      }
    }
    List<int[]> groups = new ArrayList<>();
    for (int end = rows; end > 0; end = from[end]) {
      groups.add(Arrays.copyOfRange(order, from[end], end));
    }
    return groups.reversed();
  }

  private static int[] byLength(int[] lengths) {
    long[] keys = new long[lengths.length];
    for (int i = 0; i < keys.length; i++) {
      keys[i] = ((long) lengths[i] << 32) | i;
    }
    Arrays.sort(keys);
    int[] order = new int[keys.length];
    Arrays.setAll(order, i -> (int) keys[i]);
    return order;
  }
}
