package io.attune.models;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.models.testing.MiniLmGoldens;
import io.attune.models.testing.MiniLmGoldens.Case;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The default model against Python's onnxruntime and tokenizers.
class MiniLmGoldenTest {
  private static final double LEAST_COSINE = 0.99999;

  @TempDir static Path folder;
  private static OnnxSession session;
  private static TextTokenizer at256;
  private static TextTokenizer at512;

  @BeforeAll
  static void open() {
    StoredModel model = DefaultModel.in(ModelStore.at(folder));
    session = OnnxSession.open(model, SessionOptions.DEFAULT.withThreads(2));
    at256 = TextTokenizer.open(model);
    at512 = TextTokenizer.open(model.tokenizer(), 512);
  }

  @AfterAll
  static void close() {
    session.close();
    at256.close();
    at512.close();
  }

  private static Tokens tokens(Case golden) {
    return (golden.maxLength() == 512 ? at512 : at256).encode(golden.text());
  }

  @Test
  void cutsTextsAsPythonDoes() {
    assertThat(MiniLmGoldens.cases()).hasSize(64);
    assertThat(MiniLmGoldens.cases().stream().map(Case::tokens))
        .contains(3, 127, 128, 129, 255, 256, 257, 512);
    for (Case golden : MiniLmGoldens.cases()) {
      assertThat(tokens(golden).length()).as(golden.text()).isEqualTo(golden.tokens());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 6})
  void agreesWithPythonInAnyBatch(int size) {
    long seed = 4711L + size;
    List<Case> cases = new ArrayList<>(MiniLmGoldens.cases());
    Collections.shuffle(cases, new Random(seed));
    for (int start = 0; start < cases.size(); start += size) {
      List<Case> batch = cases.subList(start, Math.min(cases.size(), start + size));
      float[][] embeddings = session.embed(batch.stream().map(MiniLmGoldenTest::tokens).toList());
      for (int row = 0; row < batch.size(); row++) {
        assertThat(Golden.cosine(embeddings[row], batch.get(row).embedding()))
            .as("seed %d, text %s", seed, Golden.shortened(batch.get(row).text()))
            .isGreaterThanOrEqualTo(LEAST_COSINE);
      }
    }
  }
}
