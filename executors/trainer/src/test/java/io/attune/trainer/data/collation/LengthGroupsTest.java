package io.attune.trainer.data.collation;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.trainer.data.SplitMix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class LengthGroupsTest {
  private static long cost(List<int[]> groups, int[] lengths, int passTokens) {
    long cost = 0;
    for (int[] group : groups) {
      cost +=
          passTokens
              + (long) group.length * Arrays.stream(group).map(i -> lengths[i]).max().orElseThrow();
    }
    return cost;
  }

  @Test
  void rowsOfOneLengthStayTogether() {
    assertThat(LengthGroups.of(new int[] {7, 7, 7}, 0)).containsExactly(new int[] {0, 1, 2});
  }

  @Test
  void aLongRowGoesAloneWhereThatSavesMoreThanAPass() {
    int[] lengths = {50, 10, 10, 10};
    assertThat(LengthGroups.of(lengths, 119)).containsExactly(new int[] {1, 2, 3}, new int[] {0});
    assertThat(LengthGroups.of(lengths, 121)).containsExactly(new int[] {1, 2, 3, 0});
  }

  @Test
  void noOtherCutIsCheaper() {
    SplitMix random = new SplitMix(1);
    for (int round = 0; round < 50; round++) {
      int[] lengths = new int[9];
      Arrays.setAll(lengths, _ -> 1 + random.nextInt(40));
      int passTokens = random.nextInt(80);
      List<int[]> groups = LengthGroups.of(lengths, passTokens);
      assertThat(groups.stream().flatMapToInt(Arrays::stream).sorted().toArray())
          .containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8);
      long found = cost(groups, lengths, passTokens);
      int[] order = groups.stream().flatMapToInt(Arrays::stream).toArray();
      for (int cuts = 0; cuts < 1 << 8; cuts++) {
        List<int[]> other = new ArrayList<>();
        int from = 0;
        for (int i = 1; i <= 9; i++) {
          if (i == 9 || (cuts >> (i - 1) & 1) == 1) {
            other.add(Arrays.copyOfRange(order, from, i));
            from = i;
          }
        }
        assertThat(found).isLessThanOrEqualTo(cost(other, lengths, passTokens));
      }
    }
  }
}
