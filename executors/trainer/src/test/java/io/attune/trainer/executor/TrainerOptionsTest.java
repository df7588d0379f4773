package io.attune.trainer.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.document.json.StructJson;
import io.attune.models.ModelStore;
import io.attune.runtime.Parameters;
import io.attune.trainer.label.LabelOptions;
import io.attune.trainer.run.RunStore;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainerOptionsTest {
  private static TrainerOptions of(Map<String, ?> with) {
    return TrainerOptions.from(new Parameters(StructJson.of(with)), Path.of("ws/trainer/0"));
  }

  @Test
  void defaults() {
    assertThat(of(Map.of()))
        .isEqualTo(
            new TrainerOptions(
                RunStore.defaultRoot(),
                ModelStore.defaultRoot(),
                null,
                1,
                8192,
                4096,
                null,
                null,
                null,
                TrainerOptions.WhenStopped.LEAVE));
  }

  @Test
  void everyKey(@TempDir Path folder) {
    assertThat(
            of(
                Map.of(
                    "runs",
                    "r",
                    "store",
                    "s",
                    "data_root",
                    folder.toString(),
                    "most_runs",
                    3,
                    "most_memory_mb",
                    1024,
                    "most_data_mb",
                    512,
                    "when_stopped",
                    "cancel",
                    "admin_port",
                    7,
                    "admin_host",
                    "0.0.0.0",
                    "admin_token",
                    "0123456789abcdef")))
        .isEqualTo(
            new TrainerOptions(
                Path.of("r"),
                Path.of("s"),
                folder,
                3,
                1024,
                512,
                null,
                null,
                null,
                TrainerOptions.WhenStopped.CANCEL));
  }

  @Test
  void whatLabellingTrainsWith() {
    LabelOptions interactive =
        Objects.requireNonNull(
            of(Map.of(
                    "interactive",
                    Map.of("model", "mlp", "epochs", 3, "clear_labels_on_start", true)))
                .interactive());
    assertThat(interactive.clearLabelsOnStart()).isTrue();
    assertThat(interactive.fit()).containsEntry("model", "mlp").containsEntry("epochs", 3L);
    assertThatThrownBy(() -> of(Map.of("interactive", Map.of("model", "mlp", "los", "x"))))
        .hasMessageContaining("los: unknown key");
  }

  @Test
  void refusesWhatIsWrong() {
    assertThatThrownBy(() -> of(Map.of("dataroot", "d")))
        .hasMessageContaining("did you mean data_root?");
    assertThatThrownBy(() -> of(Map.of("data_root", "no-such-folder")))
        .hasMessage("data_root: no-such-folder (expected: a folder that is there)");
    assertThatThrownBy(() -> of(Map.of("when_stopped", "kill")))
        .hasMessage("when_stopped: kill (expected: leave or cancel)");
  }
}
