package io.attune.trainer.miner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.runtime.FlowException;
import io.attune.trainer.data.Supervision;
import io.attune.trainer.data.Supervision.Sessions;
import io.attune.trainer.miner.Relations.Negatives;
import org.junit.jupiter.api.Test;

class RelationsTest {
  /// Rows of `+` (positive), `-` (negative) and `.` (not known).
  private static String table(Supervision supervision, Negatives negatives) {
    Relations relations = Relations.of(supervision, negatives);
    StringBuilder table = new StringBuilder();
    for (int i = 0; i < relations.size(); i++) {
      for (int j = 0; j < relations.size(); j++) {
        table.append(relations.positive(i, j) ? '+' : relations.negative(i, j) ? '-' : '.');
      }
      table.append('\n');
    }
    return table.toString();
  }

  private static final Sessions SESSIONS =
      new Sessions(
          new int[] {0, 0, 0, 1, 1, 1},
          new byte[] {
            Sessions.ANCHOR, Sessions.POSITIVE, Sessions.NEGATIVE,
            Sessions.ANCHOR, Sessions.POSITIVE, Sessions.POSITIVE
          });

  @Test
  void itemsOfOneLabelBelongTogether() {
    assertThat(table(new Supervision.Labels(new int[] {0, 1, 0}), Negatives.SESSION))
        .isEqualTo(
            """
            .-+
            -.-
            +-.
            """);
  }

  @Test
  void aSessionsNegativesAreItsOwn() {
    assertThat(table(SESSIONS, Negatives.SESSION))
        .isEqualTo(
            """
            .+-...
            +.-...
            ......
            ....++
            ...+.+
            ...++.
            """);
  }

  @Test
  void orAllItemsOfOtherSessionsToo() {
    assertThat(table(SESSIONS, Negatives.BATCH))
        .isEqualTo(
            """
            .+----
            +.----
            ......
            ---.++
            ---+.+
            ---++.
            """);
  }

  @Test
  void refusesScores() {
    Supervision scores = new Supervision.Scores(new int[] {0}, new int[] {1}, new float[] {0.5f});
    assertThatThrownBy(() -> Relations.of(scores, Negatives.SESSION))
        .isInstanceOf(FlowException.class)
        .hasMessage("data: scores (expected: labels or sessions)");
  }
}
