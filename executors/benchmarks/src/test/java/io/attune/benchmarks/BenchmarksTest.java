package io.attune.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.runtime.FlowException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchmarksTest {
  private static final BenchResult RESULT =
      BenchResult.of("texts_per_second", 450, "a \"loop\"", 200, BenchResult.Better.HIGHER, 2.2);

  @TempDir Path folder;

  @Test
  void findsABenchmarkByItsName() {
    for (Benchmark benchmark : Benchmarks.all()) {
      assertThat(Benchmarks.named(benchmark.name())).isSameAs(benchmark);
      assertThat(benchmark.description()).isNotBlank();
    }
    assertThat(Benchmarks.all())
        .extracting(Benchmark::name)
        .contains("encode", "index", "train")
        .doesNotHaveDuplicates();
  }

  @Test
  void docsListEveryBenchmark() throws IOException {
    String docs = Files.readString(Path.of("..", "..", "docs", "benchmarks.md"));
    for (Benchmark benchmark : Benchmarks.all()) {
      assertThat(docs).contains("| `" + benchmark.name() + "` | `" + benchmark.name() + "_");
    }
  }

  @Test
  void namesTheBenchmarksThereAreWhenAskedForAnother() {
    assertThatThrownBy(() -> Benchmarks.named("encodes"))
        .isInstanceOf(FlowException.class)
        .hasMessageMatching("benchmark: encodes \\(expected: one of encode.*\\)");
  }

  @Test
  void writesAListOfSevenFieldsEach() throws IOException {
    Path file = Files.writeString(folder.resolve("results.json"), "older, and longer".repeat(100));
    Benchmarks.write(file, List.of(RESULT));
    assertThat(Files.readString(file).replaceAll("\\s*\\n\\s*", ""))
        .isEqualTo(
            """
            [ {"measure" : "texts_per_second","ours" : 450.0,"rival" : 200.0,\
            "rival_name" : "a \\"loop\\"","ratio" : 2.25,"better" : "higher","goal" : 2.2} ]\
            """);
  }

  @Test
  void saysThatAFileCannotBeWritten() {
    assertThatThrownBy(() -> Benchmarks.write(folder.resolve("none/results.json"), List.of(RESULT)))
        .isInstanceOf(FlowException.class)
        .hasMessageContaining("results.json")
        .hasMessageContaining("expected: a file that can be written");
  }

  @Test
  void knowsWhetherTheGoalWasReached() {
    assertThat(RESULT.missed()).isFalse();
    assertThat(BenchResult.of("m", 219, "r", 100, BenchResult.Better.HIGHER, 2.2).missed())
        .isTrue();
    assertThat(BenchResult.of("m", 180, "r", 100, BenchResult.Better.LOWER, 1.8).missed())
        .isFalse();
    assertThat(BenchResult.of("m", 181, "r", 100, BenchResult.Better.LOWER, 1.8).missed()).isTrue();
  }

  @Test
  void withoutARivalNothingIsJudged() {
    BenchResult alone = BenchResult.alone("m", 181, "r", BenchResult.Better.LOWER, 1.8);
    assertThat(alone.missed()).isFalse();
    assertThat(Benchmarks.json(List.of(alone)))
        .contains("\"rival\" : null", "\"rival_name\" : \"r\"", "\"ratio\" : null");
  }

  @Test
  void refusesFiguresThatGiveNoRatio() {
    for (double rival : new double[] {0, -1, Double.NaN}) {
      assertThatThrownBy(() -> BenchResult.of("m", 1, "r", rival, BenchResult.Better.LOWER, 1))
          .isInstanceOf(FlowException.class)
          .hasMessageStartingWith("m: ");
    }
    assertThatThrownBy(() -> BenchResult.of("m", Double.NaN, "r", 1, BenchResult.Better.LOWER, 1))
        .isInstanceOf(FlowException.class);
  }

  @Test
  void takesTurnsWithTheRivalFirstAndLast() throws Exception {
    List<String> order = new ArrayList<>();
    List<String> lines = new ArrayList<>();
    Iterator<Double> ours = List.of(40.0, 10.0, 30.0).iterator();
    Iterator<Double> rival = List.of(1.0, 5.0, 2.0, 4.0).iterator();
    Rounds rounds =
        Rounds.alternate(
            3,
            () -> {
              order.add("ours");
              return ours.next();
            },
            () -> {
              order.add("rival");
              return rival.next();
            },
            lines::add);
    assertThat(order).containsExactly("rival", "ours", "rival", "ours", "rival", "ours", "rival");
    assertThat(lines).hasSize(3);
    BenchResult result = rounds.toResult("m", "r", BenchResult.Better.HIGHER, 11);
    assertThat(result).isEqualTo(BenchResult.of("m", 30, "r", 3, BenchResult.Better.HIGHER, 11));
    assertThat(result.ratio()).isEqualTo(10);
  }

  @Test
  void refusesNoRounds() {
    assertThatThrownBy(() -> BenchOptions.of(folder).withRounds(0))
        .hasMessage("rounds: 0 (expected: 1..1000)");
  }
}
