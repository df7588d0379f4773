package io.attune.trainer.callback;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.trainer.run.CallbackConfig;
import io.attune.trainer.run.Checkpoint;
import io.attune.trainer.run.MonitorMode;
import io.attune.trainer.run.ProgressEvent;
import io.attune.trainer.run.RunConfig;
import io.attune.trainer.run.RunStore;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BestModelCheckpointTest {
  @TempDir private Path root;

  private FakeFit fit() {
    return new FakeFit(
        RunStore.at(root).create(RunConfig.of(Map.of("model", "m", "train_data", "t"))));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          # monitor | mode | values, from before training | best epoch
          recall    | auto | .1 .5 .7 .6     | 2
          recall    | auto | .1 .5 .7 .7 .3  | 2
          recall    | auto | .9 .5 .7 .6     | 0
          val_loss  | auto | 9 3 1 2         | 2
          recall    | min  | .5 .4 .2 .3     | 2
          val_loss  | max  | 1 2 3           | 2
          recall    | auto | NaN .5 NaN .4   | 1
          recall    | auto | .5              | 0
          """)
  void publishesTheWeightsOfTheBestEpoch(String monitor, String mode, String values, float best) {
    CallbackConfig.BestModel config =
        new CallbackConfig.BestModel(monitor, MonitorMode.valueOf(mode.toUpperCase(Locale.ROOT)));
    double[] sequence =
        Arrays.stream(values.split(" +", -1)).mapToDouble(Double::parseDouble).toArray();
    FakeFit fit = fit();
    Callback callback = new BestModelCheckpoint(config);
    fit.play(callback, monitor, sequence);
    callback.fitEnd(fit);
    assertThat(fit.weight).isEqualTo(best);
    assertThat(fit.events)
        .singleElement()
        .isInstanceOfSatisfying(
            ProgressEvent.Message.class,
            message ->
                assertThat(message.text()).contains("epoch " + (int) best + " are the best"));
  }

  @Test
  void aRunThatGoesOnKnowsWhatWasBest() {
    CallbackConfig.BestModel config = new CallbackConfig.BestModel("recall", MonitorMode.AUTO);
    FakeFit fit = fit();
    fit.play(new BestModelCheckpoint(config), "recall", .1, .9, .5);
    Callback again = new BestModelCheckpoint(config);
    again.restore(fit, fit.history);
    fit.play(again, "recall", .8);
    again.fitEnd(fit);
    assertThat(fit.weight).isEqualTo(1);
  }

  @Test
  void whereNothingWasMeasuredTheLastWeightsStay() {
    FakeFit fit = fit();
    Callback callback =
        new BestModelCheckpoint(new CallbackConfig.BestModel("recall", MonitorMode.AUTO));
    fit.play(callback, "other", 1, 2, 3);
    callback.fitEnd(fit);
    assertThat(fit.weight).isEqualTo(2);
    assertThat(fit.events).isEmpty();
  }

  @Test
  void aCheckpointOfEveryRunIsKept() {
    FakeFit fit = fit();
    Callbacks callbacks = fit.callbacks();
    fit.play(callbacks, "train_loss", 3, 2, 1);
    Checkpoint last = fit.folder().checkpoints().latest(fit.config(), why -> {}).orElseThrow();
    assertThat(last.epoch()).isEqualTo(2);
    assertThat(last.history()).isEqualTo(fit.history);
  }
}
