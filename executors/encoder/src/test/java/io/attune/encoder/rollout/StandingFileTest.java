package io.attune.encoder.rollout;

import static io.attune.encoder.rollout.Commands.ONE;
import static io.attune.encoder.rollout.Commands.TWO;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.proto.attune.RolloutState;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StandingFileTest {
  private static final String FINE =
      """
      {"model": "m", "live": 1, "held": [1, 2], "reached": true, "refusal": "",
       "command": {"rollout": "r", "epoch": 3, "from": 1, "to": 2, "from_space": "a",
        "to_space": "b", "dimension": 4, "state": "READY"}}
      """;

  @TempDir private Path folder;

  private StandingFile file() {
    return new StandingFile(folder.resolve("workspace"));
  }

  private void content(String text) throws IOException {
    Path file = folder.resolve("workspace").resolve(StandingFile.NAME);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  @Test
  void readsWhatItWrote() throws IOException {
    assertThat(file().read()).isEmpty();
    file().write(Standing.of(ONE));
    assertThat(file().read()).contains(Standing.of(ONE));
    Standing standing =
        new Standing(
            ONE,
            List.of(ONE, TWO),
            new Command("r\"1", Long.MAX_VALUE, ONE, TWO, "a", "b", 4, RolloutState.LIVE),
            false,
            "because");
    file().write(standing);
    assertThat(file().read()).contains(standing);
  }

  @Test
  void readsTheFormatOfItsFirstVersion() throws IOException {
    content(FINE);
    assertThat(file().read())
        .contains(
            new Standing(
                ONE,
                List.of(ONE, TWO),
                new Command("r", 3, ONE, TWO, "a", "b", 4, RolloutState.READY),
                true,
                ""));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "null",
        "[]",
        "{\"model\": \"m\"}",
        "live\": 1->live\": 9",
        "live\": 1->live\": -1",
        "model\": \"m\"->model\": null",
        "model\": \"m\"->other\": \"m\"",
        "[1, 2]->[1, null]",
        "epoch\": 3->epoch\": 0",
        "from\": 1->from\": 2",
        "READY->SOON",
        "READY->ROLLOUT_STATE_UNSPECIFIED",
        "\"refusal\": \"\"->\"refusal\": null"
      })
  void refusesWhatItDidNotWrite(String change) throws IOException {
    int arrow = change.indexOf("->");
    String text =
        arrow < 0 ? change : FINE.replace(change.substring(0, arrow), change.substring(arrow + 2));
    assertThat(text).isNotEqualTo(FINE);
    content(text);
    assertThatThrownBy(() -> file().read())
        .isInstanceOfSatisfying(
            FlowException.class,
            failure -> assertThat(failure.code()).isEqualTo(ErrorCode.DATA_LOSS))
        .hasMessageContaining(StandingFile.NAME);
  }

  @Test
  void refusesAFileThatIsTooLarge() throws IOException {
    content(FINE + " ".repeat(70_000));
    assertThatThrownBy(() -> file().read()).hasMessageContaining("bytes");
  }
}
