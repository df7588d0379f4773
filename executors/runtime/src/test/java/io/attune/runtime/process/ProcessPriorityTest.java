package io.attune.runtime.process;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProcessPriorityTest {
  /// The kernel's weights (`sched_prio_to_weight`) of nice 0, 3, 6, 10, 15 and 19: 1024, 526, 272,
  /// 110, 36, 15.
  @ParameterizedTest
  @CsvSource({
    "0.5, 0",
    "0.9, 0",
    "0.33, 3",
    "0.2, 6",
    "0.09, 10",
    "0.033, 15",
    "0.01, 19",
    "0, 19"
  })
  void niceValueGivesAtLeastTheShare(double share, int nice) {
    assertThat(ProcessPriority.niceOf(share)).isEqualTo(nice);
  }
}
