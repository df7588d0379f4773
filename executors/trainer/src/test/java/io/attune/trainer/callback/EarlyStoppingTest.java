package io.attune.trainer.callback;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.trainer.run.CallbackConfig;
import io.attune.trainer.run.MonitorMode;
import io.attune.trainer.run.RunConfig;
import io.attune.trainer.run.RunStore;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EarlyStoppingTest {
  @TempDir private Path root;

  private FakeFit fit() {
    return new FakeFit(
        RunStore.at(root).create(RunConfig.of(Map.of("model", "m", "train_data", "t"))));
  }

  private static EarlyStopping stopping(
      String monitor, MonitorMode mode, int patience, double minDelta, @Nullable Double baseline) {
    return new EarlyStopping(
        new CallbackConfig.EarlyStopping(monitor, mode, patience, minDelta, baseline));
  }

  /// Each row: how many epochs are trained of those whose values follow, worked out by hand. The
  /// first value is the one before training.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          # monitor | mode | patience | min_delta | baseline | values             | trained
          val_loss  | auto | 2        | 0         |          | 9 5 4 3 2 1        | 5
          val_loss  | auto | 2        | 0         |          | 0 5 4 4 4 1        | 4
          val_loss  | auto | 1        | 0         |          | 9 5 5 1            | 2
          val_loss  | auto | 2        | 0         |          | 9 5 6 4 6 6 1      | 5
          recall    | auto | 2        | 0         |          | 1 .5 .6 .6 .6 .9   | 4
          recall    | min  | 2        | 0         |          | 1 .5 .6 .6 .9      | 3
          val_loss  | max  | 2        | 0         |          | 1 .5 .6 .6 .5 .9   | 4
          recall    | max  | 2        | .1        |          | 0 .5 .6 .6 .9      | 3
          recall    | max  | 2        | .1        |          | 0 .5 .55 .61 .62 .63 | 5
          val_loss  | min  | 2        | 0         | 3        | 9 5 4 2 1          | 2
          val_loss  | min  | 3        | 0         | 3        | 9 5 4 2 4 2.5 2 1  | 6
          val_loss  | min  | 2        | 0         |          | 9 NaN NaN 1        | 2
          val_loss  | min  | 2        | 0         |          | 9 1 NaN 2 0        | 3
          train_loss | auto | 3       | 0         |          | 9 9 8 9 9 9        | 5
          """)
  void stopsWhereItShould(
      String monitor,
      String mode,
      int patience,
      double minDelta,
      @Nullable Double baseline,
      String values,
      int trained) {
    MonitorMode parsed = MonitorMode.valueOf(mode.toUpperCase(Locale.ROOT));
    double[] sequence =
        Arrays.stream(values.split(" +", -1)).mapToDouble(Double::parseDouble).toArray();
    FakeFit fit = fit();
    fit.play(stopping(monitor, parsed, patience, minDelta, baseline), monitor, sequence);
    assertThat(fit.epoch - 1).isEqualTo(trained);

    // a run that dies after any epoch, its last one too, and goes on ends at the same one
    for (int died = 1; died <= trained + 1; died++) {
      EarlyStopping again = stopping(monitor, parsed, patience, minDelta, baseline);
      FakeFit resumed = fit();
      resumed.epoch = died;
      again.restore(resumed, fit.history.subList(0, died));
      resumed.play(again, monitor, Arrays.copyOfRange(sequence, died, sequence.length));
      assertThat(resumed.epoch - 1).as("died after %d", died - 1).isEqualTo(trained);
    }
  }

  @Test
  void saysWhyAndWaitsForWhatIsNotMeasured() {
    FakeFit fit = fit();
    EarlyStopping stopping = stopping("recall", MonitorMode.AUTO, 2, 0, null);
    fit.next(stopping, Map.of());
    fit.next(stopping, Map.of("recall", 0.5));
    fit.next(stopping, Map.of("other", 0.1));
    fit.next(stopping, Map.of("recall", 0.5));
    assertThat(fit.stopped).isEmpty();
    fit.next(stopping, Map.of("recall", 0.4));
    assertThat(fit.stopped).isEqualTo("recall is no better than 0.500000 for 2 epochs");
  }
}
