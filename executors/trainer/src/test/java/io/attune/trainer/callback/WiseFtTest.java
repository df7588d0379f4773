package io.attune.trainer.callback;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.trainer.run.CallbackConfig;
import io.attune.trainer.run.ProgressEvent;
import io.attune.trainer.run.RunConfig;
import io.attune.trainer.run.RunStore;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WiseFtTest {
  @TempDir private Path root;

  private FakeFit fit(Map<String, Object> more) {
    Map<String, Object> options = new HashMap<>(more);
    options.put("model", "m");
    options.put("train_data", "t");
    return new FakeFit(RunStore.at(root).create(RunConfig.of(options)));
  }

  @Test
  void weightsAreMergedWithFinetunersShare() {
    String yaml =
        """
        model: mini
        train_data: a.csv
        callbacks: [WiSEFTCallback]
        """;
    RunConfig config = RunConfig.parse("run.yml", yaml);
    assertThat(config.callbacks()).containsExactly(new CallbackConfig.WiseFt(0.4));
    assertThat(RunConfig.parse("again", config.toYaml())).isEqualTo(config);
    assertThat(config.with(Map.of("callbacks", List.of())).hash()).isNotEqualTo(config.hash());
  }

  @ParameterizedTest
  @CsvSource({
    "0.4, 2, 12, 6", // .6 * 2 + .4 * 12
    "0, 2, 12, 2",
    "1, 2, 12, 12",
    "0.3, 0.1, 0.1, 0.1" // the very bits
  })
  void mergesTheWeights(double alpha, float before, float tuned, float merged) {
    FakeFit fit = fit(Map.of());
    fit.pretrained = before;
    fit.weight = tuned;
    new WiseFt(new CallbackConfig.WiseFt(alpha)).fitEnd(fit);
    assertThat(fit.weight).isEqualTo(merged);
    assertThat(fit.events)
        .singleElement()
        .isInstanceOfSatisfying(
            ProgressEvent.Message.class,
            message -> assertThat(message.text()).startsWith("the weights are merged: "));
  }

  @Test
  void mergesTheBestWeightsWhateverTheOrderOfTheCallbacks() {
    FakeFit fit =
        fit(
            Map.of(
                "callbacks",
                List.of(
                    Map.of("WiSEFTCallback", Map.of("alpha", 0.5)),
                    Map.of("BestModelCheckpoint", Map.of("monitor", "train_loss")))));
    fit.pretrained = 10;
    Callbacks callbacks = fit.callbacks();
    fit.play(callbacks, "train_loss", 9, 3, 1, 2);
    callbacks.fitEnd(fit);
    assertThat(fit.weight).isEqualTo(6); // between 10 and epoch 2
  }
}
