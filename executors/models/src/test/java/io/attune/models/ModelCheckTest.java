package io.attune.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.models.testing.PlantedModels;
import io.attune.models.testing.Poison;
import io.attune.onnx.proto.GraphProto;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class ModelCheckTest {
  private static final CheckLimits LIMITS = CheckLimits.DEFAULT.withTimeout(Duration.ofMinutes(1));

  @TempDir private Path folder;

  /// Dies of a native crash, as ONNX Runtime can over a file.
  static final class Crash {
    @SuppressWarnings("restricted") // the point
    public static void main(String[] arguments) {
      MemorySegment.NULL.reinterpret(8).get(ValueLayout.JAVA_INT, 0);
    }
  }

  static final class Endless {
    public static void main(String[] arguments) throws InterruptedException {
      Thread.currentThread().join();
    }
  }

  static final class Silent {
    public static void main(String[] arguments) {}
  }

  static final class Garbage {
    public static void main(String[] arguments) throws IOException {
      Files.writeString(Path.of(arguments[0], CheckAnswer.FILE), "{\"alone\": [[1, ");
    }
  }

  static final class Heap {
    public static void main(String[] arguments) {
      long[][] hoard = new long[100][];
      for (int i = 0; i < hoard.length; i++) {
        hoard[i] = new long[10_000_000];
      }
    }
  }

  private AbstractThrowableAssert<?, ? extends Throwable> refused(
      Class<?> main, CheckLimits limits) {
    Path model = HostileGraphs.write(folder.resolve("model.onnx"), HostileGraphs.fine());
    List<Golden.Case> inputs = List.of(new Golden.Case("a", null, null, new float[0]));
    return assertThatThrownBy(
            () -> new ModelCheck(limits, main).embed(model, tokenizer(), 1, 16, inputs))
        .isInstanceOf(FlowException.class);
  }

  private static Path tokenizer() {
    return BertModels.folder("bert").resolve("tokenizer.json");
  }

  private StoredModel imported(GraphProto.Builder graph, CheckLimits limits) {
    Path model = HostileGraphs.write(folder.resolve("model.onnx"), graph);
    ModelStore store = ModelStore.at(folder.resolve("store"));
    try {
      return new ModelImport(store, ImportOptions.of("hostile"))
          .within(limits)
          .from(model, tokenizer());
    } catch (FlowException e) {
      assertThat(store.ids()).isEmpty();
      throw e;
    }
  }

  @Test
  void survivesANativeCrash() {
    refused(Crash.class, LIMITS)
        .hasMessageStartingWith("model.onnx: the process that tried it crashed with signal 6")
        .hasMessageContaining("(expected: a model that ONNX Runtime loads and runs")
        .hasMessageContaining("SIGSEGV");
  }

  @Test
  void endsAProcessThatIsNotDoneInTime() {
    refused(Endless.class, LIMITS.withTimeout(Duration.ofSeconds(1)))
        .hasMessageContaining("was not done after 1 s (expected: a model that runs");
  }

  @Test
  void toldNothingBelievesNothing() {
    refused(Silent.class, LIMITS).hasMessageContaining("left no answer");
    refused(Garbage.class, LIMITS).hasMessageContaining("left no embeddings");
    refused(Heap.class, LIMITS).hasMessageContaining("ran out of heap");
  }

  @Test
  void leavesNoFiles() throws IOException {
    Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
    refused(Crash.class, LIMITS);
    try (Stream<Path> files = Files.list(temporary)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .noneMatch(name -> name.startsWith(ModelCheck.SCRATCH));
    }
  }

  @Test
  void acceptsAGraphThatBehaves() {
    StoredModel model = imported(HostileGraphs.fine(), LIMITS);
    assertThat(model.artifact().normalized()).isFalse();
    assertThat(model.artifact().pooling()).isEqualTo(Pooling.NONE);
  }

  @Test
  void refusesAGraphThatNeverEnds() {
    assertThatThrownBy(
            () -> imported(HostileGraphs.endless(), LIMITS.withTimeout(Duration.ofSeconds(4))))
        .hasMessageContaining("was not done after 4 s");
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void refusesAGraphThatTakesMoreMemoryThanAllowed() {
    GraphProto.Builder greedy = HostileGraphs.greedy(700_000_000L);
    assertThatThrownBy(() -> imported(greedy, LIMITS.withMemoryBytes(1L << 30)))
        .hasMessageContaining("model.onnx")
        .hasMessageMatching("(?s).*([Mm]emory|alloc).*");
    assertThat(imported(HostileGraphs.greedy(1000), LIMITS.withMemoryBytes(1L << 30)).id())
        .hasToString("hostile@1");
  }

  @Test
  void refusesNumbersThatAreNone() {
    assertThatThrownBy(() -> imported(HostileGraphs.infinite(), LIMITS))
        .hasMessage(
            "embedding of the text \"\": Infinity at dimension 0 (expected: finite numbers)");
  }

  private Trial trial(StoredModel model) {
    return new ModelCheck(LIMITS).trial(model);
  }

  @Test
  void triesAModelThatShallServe() {
    ModelStore store = ModelStore.at(folder);
    Trial trial = trial(PlantedModels.publish(store, "m", 1));
    assertThat(trial.leastCosine()).isGreaterThan(0.99999);
    assertThat(trial.cpuNanos()).hasSameSizeAs(trial.golden().cases()).allMatch(cost -> cost > 0);
    assertThatThrownBy(() -> trial(PlantedModels.poisoned(store, "m", 1, Poison.COLLAPSED)))
        .hasMessage(
            "model.onnx: the embeddings of 6 different inputs are all alike (expected: some apart)");
  }

  @Test
  void refusesAGraphThatFailsTheChecksBeforeItRuns() throws IOException {
    StoredModel model = PlantedModels.publish(ModelStore.at(folder), "m", 1);
    GraphProto.Builder other = HostileGraphs.fine();
    HostileGraphs.write(model.model(), other);
    assertThatThrownBy(() -> trial(model)).hasMessageContaining("as artifact.yml says");
    Files.write(model.model(), new byte[] {1, 2, 3});
    assertThatThrownBy(() -> trial(model)).hasMessageStartingWith("model.onnx: ");
  }

  @Test
  void refusesAGraphThatReadsPadding() {
    assertThatThrownBy(() -> imported(HostileGraphs.readsPadding(), LIMITS))
        .hasMessageContaining("between its embedding alone and beside a longer or shorter text")
        .hasMessageContaining("heeds attention_mask");
  }
}
