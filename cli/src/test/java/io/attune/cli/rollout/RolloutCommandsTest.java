package io.attune.cli.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.cli.ExitCode;
import io.attune.cli.Run;
import io.attune.models.testing.PlantedModels;
import io.attune.models.testing.Poison;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// `attune swap`, `rollback` and `rollouts` against an embedded Flow.
@Timeout(120)
class RolloutCommandsTest {
  @TempDir private Path folder;

  @SuppressWarnings("NullAway.Init") // by start
  private PlantedFlow flow;

  @BeforeEach
  void start() throws InterruptedException {
    flow = PlantedFlow.start(folder, PlantedFlow.ENCODER.replace("model: m,", "model: m@1,"));
  }

  @AfterEach
  void close() {
    flow.close();
  }

  private Run attune(String... command) {
    List<String> arguments = new ArrayList<>(List.of(command));
    arguments.add("--address");
    arguments.add("127.0.0.1:" + flow.flow.adminPort());
    return Run.of(arguments.toArray(String[]::new));
  }

  @Test
  void swapsShowsAndTakesBack() {
    Run none = attune("rollouts");
    assertThat(none.out()).isEqualToIgnoringNewLines("live: m@1\n");
    assertThat(none.err()).contains("no rollouts yet");

    Run swap = attune("swap", "m@2", "--watch", "--drain", "600");
    assertThat(swap.err()).contains("m@1 → m@2: live until ").contains("`attune rollback m`");
    assertThat(swap.out()).isEqualTo("m@2 is live" + System.lineSeparator());
    assertThat(swap.code()).isEqualTo(ExitCode.OK);

    Run back = attune("rollback", "m");
    assertThat(back.err()).isEmpty();
    assertThat(back.out()).isEqualTo("m@1 is live" + System.lineSeparator());

    Run listed = attune("rollouts");
    assertThat(listed.out()).contains("live: m@1").contains("rolled back");
    assertThat(attune("rollouts", "--json").out()).contains("\"to\"").contains("m@2");
    Run again = attune("rollback", "m");
    assertThat(again.code()).isNotEqualTo(ExitCode.OK);
    assertThat(again.err()).contains("(expected: one that is live or RETIRED)");
  }

  @Test
  void steersARollout() {
    Run started = attune("swap", "m", "--no-watch", "--drain", "600");
    assertThat(started.code()).as(started.err()).isEqualTo(ExitCode.OK);
    String id = started.out().strip();
    assertThat(attune("swap", "m@2", "--no-watch").err()).contains("rollout: " + id + " of m is");
    flow.await(id, each -> each.getReached() && each.hasRetires());
    Run paused = attune("rollouts", "pause", id);
    assertThat(paused.err()).contains("expected: one before LIVE");
    assertThat(attune("rollouts", "cancel", "m").err()).contains("expected: one before LIVE");
    assertThat(attune("rollouts", "proceed", "m").out()).contains("rollout " + id + ": retired");
    Run watched = attune("rollouts", "watch", id);
    assertThat(watched.out()).isEqualTo("m@2 is live, m@1 is gone" + System.lineSeparator());
  }

  @Test
  void saysWhyAVersionIsRefused() {
    var _ = PlantedModels.poisoned(flow.store, "m", 1, Poison.WRONG_TOKENIZER);
    Run swap = attune("swap", "m", "--watch");
    assertThat(swap.code()).isEqualTo(ExitCode.FAILURE);
    assertThat(swap.out()).isEmpty();
    assertThat(swap.err())
        .contains("attune: m@1 → m@3: failed: encoder encoder/0/0: model m@3: ")
        .contains("; m@1 is live");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "m@9|model: m@9 is not in the store",
        "m@1|version: m@1 is live (expected: another)",
        "x|model: \"x\" (expected: one that an encoder of the Flow holds: [m])",
        "m@two|version: \"two\" (expected: 1..999999999, or none for the newest)",
      })
  void refusesWhatCannotBe(String model, String message) {
    Run swap = attune("swap", model, "--no-watch");
    assertThat(swap.code()).isNotEqualTo(ExitCode.OK);
    assertThat(swap.err()).contains(message);
  }

  @Test
  void refusesOptionsThatContradictEachOther() {
    assertThat(attune("swap", "m", "--drop", "--keep-own-vectors").err())
        .contains("--keep-own-vectors: beside --drop");
    assertThat(attune("swap", "m", "--canary", "0%").err()).contains("--canary: 0%");
    assertThat(attune("swap", "m", "--drain", "-1").err()).contains("drain_seconds: -1");
    assertThat(attune("swap", "m", "--min-gain", "0.01").err())
        .contains("min_gain: no executor of the Flow answers /feedback/export (expected: ");
    assertThat(attune("swap", "m", "--min-gain", "2").err()).contains("min_gain: 2.0 (expected: ");
  }
}
