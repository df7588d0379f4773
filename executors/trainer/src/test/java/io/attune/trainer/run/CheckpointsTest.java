package io.attune.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointsTest {
  private static final RunConfig CONFIG =
      RunConfig.of(Map.of("model", "mini", "train_data", "a.csv"));

  private static final byte[] OPTIMIZER = "größer".getBytes(StandardCharsets.UTF_8);

  @TempDir private Path folder;

  private static Checkpoint checkpoint(int epoch, long step) {
    Map<String, float[]> weights = new LinkedHashMap<>();
    float[] many = new float[600_000]; // more than one buffer
    for (int i = 0; i < many.length; i++) {
      many[i] = i * 0.5f + step;
    }
    weights.put("layer.weight", many);
    weights.put("layer.bias", new float[] {Float.NaN, -0f, Float.MIN_VALUE, 1e30f});
    weights.put("empty", new float[0]);
    return new Checkpoint(
        epoch,
        step,
        CONFIG.hash(),
        weights,
        Map.of("optimizer", channel -> channel.write(ByteBuffer.wrap(OPTIMIZER.clone()))),
        List.of(
            new Measured(0, 0, Map.of("recall", 0.5)),
            new Measured(epoch, step, Map.of("recall", 0.625))));
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void readsWhatWasWrittenBitForBit() throws IOException {
    Checkpoints checkpoints = new Checkpoints(folder.resolve("checkpoints"));
    assertThat(checkpoints.isEmpty()).isTrue();
    assertThat(checkpoints.latest(CONFIG, why -> {})).isEmpty();
    Checkpoint written = checkpoint(3, 120);
    checkpoints.save(written, 1);
    Checkpoint read = checkpoints.latest(CONFIG, why -> {}).orElseThrow();
    assertThat(read.epoch()).isEqualTo(3);
    assertThat(read.step()).isEqualTo(120);
    assertThat(read.history()).isEqualTo(written.history());
    assertThat(read.weights().keySet()).containsExactly("layer.weight", "layer.bias", "empty");
    written
        .weights()
        .forEach((name, values) ->
            assertThat(Arrays.equals(read.weights().get(name), values)).as(name).isTrue());
    try (InputStream in =
        Channels.newInputStream(Objects.requireNonNull(read.parts().get("optimizer")).open())) {
      assertThat(in.readAllBytes()).isEqualTo(OPTIMIZER);
    }
    checkpoints.saveBest(read);
    checkpoints.save(read, 1); // parts are read from the very file that is replaced
    assertThat(checkpoints.latest(CONFIG, why -> {}).orElseThrow().parts()).hasSize(1);
  }

  @Test
  void keepsTheLastAndTheBest() throws IOException {
    Checkpoints checkpoints = new Checkpoints(folder);
    checkpoints.saveBest(checkpoint(1, 10));
    for (int epoch = 1; epoch <= 4; epoch++) {
      checkpoints.save(checkpoint(epoch, 10L * epoch), 2);
    }
    assertThat(names())
        .containsExactly(
            "best.checkpoint", "step-000000000030.checkpoint", "step-000000000040.checkpoint");
    Checkpoint best = checkpoints.best(CONFIG).orElseThrow();
    assertThat(best.epoch()).isEqualTo(1);
    assertThat(best.parts()).isEmpty();
  }

  @Test
  void passesOverADamagedOneAndSaysWhy() throws IOException {
    Checkpoints checkpoints = new Checkpoints(folder);
    checkpoints.save(checkpoint(1, 10), 2);
    checkpoints.save(checkpoint(2, 20), 2);
    Path newest = folder.resolve("step-000000000020.checkpoint");
    byte[] good = Files.readAllBytes(newest);
    for (byte[] bad : damages(good)) {
      Files.write(newest, bad);
      List<String> refused = new ArrayList<>();
      assertThat(checkpoints.latest(CONFIG, refused::add).orElseThrow().epoch()).isEqualTo(1);
      assertThat(refused)
          .singleElement()
          .asString()
          .contains("step-000000000020.checkpoint is damaged", "(expected: a file as it was");
    }
    Files.delete(folder.resolve("step-000000000010.checkpoint"));
    assertThatThrownBy(() -> checkpoints.latest(CONFIG, why -> {}))
        .isInstanceOfSatisfying(
            FlowException.class,
            failure -> assertThat(failure.code()).isEqualTo(ErrorCode.DATA_LOSS));
  }

  private static List<byte[]> damages(byte[] good) {
    List<byte[]> damages = new ArrayList<>();
    for (int at :
        new int[] {0, 20, 23, 30, 200, good.length / 2, good.length - 40, good.length - 1}) {
      byte[] flipped = good.clone();
      flipped[at] ^= 0x10;
      damages.add(flipped);
    }
    for (int length : new int[] {0, 10, 22, 100, good.length / 2, good.length - 1}) {
      damages.add(Arrays.copyOf(good, length));
    }
    damages.add(Arrays.copyOf(good, good.length + 1));
    return damages;
  }

  @Test
  void refusesThoseOfAnotherConfiguration() {
    Checkpoints checkpoints = new Checkpoints(folder);
    checkpoints.save(checkpoint(1, 10), 1);
    checkpoints.saveBest(checkpoint(1, 10));
    RunConfig other = CONFIG.with(Map.of("batch_size", 32));
    assertThatThrownBy(() -> checkpoints.latest(other, why -> {}))
        .hasMessageContaining("is of another configuration");
    assertThatThrownBy(() -> checkpoints.best(other))
        .hasMessageContaining("is of another configuration");
    assertThat(checkpoints.latest(CONFIG.named("other"), why -> {})).isPresent();
  }
}
