package io.attune.encoder;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.models.Golden;
import io.attune.models.Trial;
import io.attune.runtime.ModelVersion;
import java.util.List;
import org.junit.jupiter.api.Test;

class PaceTest {
  private static final ModelVersion TRIED = new ModelVersion("m", 2);
  private static final long MILLION = 1_000_000;

  private static Trial trial(long... nanos) {
    List<Golden.Case> cases =
        List.of(
            new Golden.Case("a", null, null, new float[3]),
            new Golden.Case("", null, null, new float[3])); // which the live model does not read
    return new Trial(new Golden(cases), 1, List.of(nanos[0], nanos[1]));
  }

  @Test
  void comparesWhatBothRead() {
    Pace live = Pace.of(new FakeModel("m", 1), trial(0, 0).golden());
    assertThatCode(() -> live.require(TRIED, trial(MILLION, 1000 * MILLION), 1))
        .doesNotThrowAnyException();
    assertThatThrownBy(() -> live.require(TRIED, trial(100_000 * MILLION, 0), 20))
        .hasMessageStartingWith("m@2 takes 100000.0 ms of processor time for 1 inputs, ")
        .hasMessageEndingWith("times as long as m@1 (expected: at most 20 times, slower_at_most)");
    assertThatCode(() -> live.require(TRIED, trial(1001 * MILLION / 1000, 0), 1e9))
        .doesNotThrowAnyException();
  }
}
