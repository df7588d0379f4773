package io.attune.trainer.data;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.trainer.data.sampler.Sampler;
import io.attune.trainer.data.sampler.SamplerOptions;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Data several times as large as the heap, in a JVM of its own.
class LargeDataTest {
  private static final int ROWS = 12_000;
  private static final int HEAP_MB = 14;

  @TempDir private Path folder;

  /// Reads a file and goes through an epoch.
  static final class Main {
    private Main() {}

    public static void main(String[] arguments) {
      DataOptions options =
          DataOptions.DEFAULTS.withLabeled(true).withScratch(Path.of(arguments[1]));
      try (TrainingData data = TrainingData.read(Path.of(arguments[0]), options)) {
        long characters = 0;
        int items = 0;
        for (Batch batch : Sampler.of(data, SamplerOptions.of(64)).epoch(0)) {
          items += batch.size();
          characters +=
              batch.documents().stream().mapToLong(document -> document.text().length()).sum();
        }
        System.out.println(items + " items, " + (characters >> 20) + " MB");
      }
    }
  }

  @Test
  void textsAreNotHeldInTheHeap() throws IOException, InterruptedException {
    Path file = folder.resolve("large.csv");
    try (BufferedWriter writer = Files.newBufferedWriter(file)) {
      for (int i = 0; i < ROWS; i++) {
        writer.write("text " + i + " " + "x".repeat(4000) + "," + i / 4 + "\n");
      }
    }
    assertThat(Files.size(file)).isGreaterThan(3L * (HEAP_MB << 20));
    Process process =
        new ProcessBuilder(
                List.of(
                    ProcessHandle.current().info().command().orElse("java"),
                    "-Xmx" + HEAP_MB + "m",
                    "-XX:+UseSerialGC",
                    "-cp",
                    System.getProperty("java.class.path"),
                    Main.class.getName(),
                    file.toString(),
                    folder.toString()))
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(output).contains(ROWS + " items, 45 MB");
    assertThat(process.exitValue()).isZero();
  }
}
