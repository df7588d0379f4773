package io.attune.benchmarks.encode;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.benchmarks.BenchOptions;
import io.attune.benchmarks.BenchResult;
import io.attune.benchmarks.SyntheticTexts;
import io.attune.models.ModelStore;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class EncodeBenchmarkTest {
  @Test
  void quickRunGivesTheMeasureOfTheDocs() throws Exception {
    List<String> lines = new ArrayList<>();
    List<BenchResult> results =
        new EncodeBenchmark().run(BenchOptions.of(ModelStore.defaultRoot()).asQuick(), lines::add);
    assertThat(results)
        .singleElement()
        .satisfies(result -> {
          assertThat(result.measure()).isEqualTo("encode_documents_per_second");
          assertThat(result.goal()).isEqualTo(2.2);
          assertThat(result.better()).isEqualTo(BenchResult.Better.HIGHER);
          assertThat(result.ours()).isPositive();
        });
    assertThat(lines).hasSize(2);
  }

  @Test
  void textsOfOneSeedAreTheSameAndAboutFiftyWordsLong() {
    List<String> texts = SyntheticTexts.of(1024, 7);
    assertThat(SyntheticTexts.of(1024, 7)).isEqualTo(texts);
    assertThat(SyntheticTexts.of(1024, 8)).isNotEqualTo(texts);
    assertThat(texts.stream().mapToInt(text -> text.split(" ").length).average().orElse(0))
        .isBetween(44.0, 54.0);
  }
}
