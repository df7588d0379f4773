package io.attune.trainer.graph;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class KeptMemoryTest {
  private long resident;
  private int trims;
  private final KeptMemory memory = new KeptMemory(() -> resident, () -> trims++);

  private void passes(long... held) {
    for (long bytes : held) {
      resident = bytes;
      memory.afterPass();
    }
  }

  @Test
  void isGivenBackWhereItIsMoreThanAPassNeeds() {
    passes(1_000, 1_040, 1_050);
    assertThat(trims).isZero();
    passes(1_051);
    assertThat(trims).isEqualTo(1);
  }

  @Test
  void isKeptWhereOnePassNeedsSoMuch() {
    passes(1_000, 1_100);
    assertThat(trims).isEqualTo(1);
    passes(1_100, 1_150, 1_155);
    assertThat(trims).as("the pass behind the trim needed it").isEqualTo(1);
    passes(1_156);
    assertThat(trims).isEqualTo(2);
  }

  @Test
  void aSmallPassBehindATrimDoesNotLowerWhatIsKept() {
    passes(1_000, 1_100, 400, 1_050);
    assertThat(trims).isEqualTo(1);
    passes(1_051);
    assertThat(trims).isEqualTo(2);
  }

  @Test
  void isLeftAloneWhereNobodyKnows() {
    passes(0, 0, 0);
    assertThat(trims).isZero();
  }
}
