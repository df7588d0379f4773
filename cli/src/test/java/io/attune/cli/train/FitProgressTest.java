package io.attune.cli.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.cli.Console;
import io.attune.trainer.run.ProgressEvent;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FitProgressTest {
  private static final String TERMINAL = "attune.terminal";

  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @AfterEach
  void forgetTheTerminal() {
    System.clearProperty(TERMINAL);
  }

  private String shown() {
    PrintStream stream = new PrintStream(err, true, StandardCharsets.UTF_8);
    try (FitProgress progress = new FitProgress(new Console(stream, stream))) {
      progress.on(new ProgressEvent.FitBegin(0, 1, 20));
      for (int step = 1; step <= 4; step++) {
        progress.on(new ProgressEvent.Step(step, 1, 1.0 / step, 1e-5, 64, 75));
      }
    }
    return err.toString(StandardCharsets.UTF_8);
  }

  @Test
  void aLineHasTheNewestLoss() {
    assertThat(shown())
        .isEqualTo(
            """
            training: 1 epochs, 20 steps
            training: 2 of 20 steps, loss 0.5000
            training: 4 of 20 steps, loss 0.2500
            """);
  }

  @Test
  void aBarHasTheNewestLossBesideIt() {
    System.setProperty(TERMINAL, "true");
    assertThat(shown()).contains("4/20").contains("loss 0.2500");
  }
}
