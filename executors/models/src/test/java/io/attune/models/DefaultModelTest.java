package io.attune.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DefaultModelTest {
  @TempDir static Path folder;
  private static StoredModel model;

  @BeforeAll
  static void importModel() {
    model = DefaultModel.in(ModelStore.at(folder));
  }

  @Test
  void isImportedOnce() {
    assertThat(model.id()).hasToString("all-MiniLM-L6-v2@1");
    assertThat(DefaultModel.in(ModelStore.at(folder)).id()).isEqualTo(model.id());
    assertThat(model.requireIntact().artifact().dimension()).isEqualTo(384);
    assertThat(model.artifact().maxLength()).isEqualTo(256);
    assertThat(model.artifact().normalized()).isTrue();
    assertThat(model.artifact().pooling()).isEqualTo(Pooling.MEAN);
  }

  @Test
  void runsAFiveTokenTextAsSevenTokens() {
    try (TextTokenizer tokenizer = TextTokenizer.open(model)) {
      Tokens tokens = tokenizer.encode("the cat sat down here");
      assertThat(tokens.length()).isEqualTo(7);
      assertThat(Collation.of(List.of(tokens)).length()).isEqualTo(7);
      assertThat(tokens.cut()).isFalse();
    }
  }

  @Test
  void putsLikeTextsNearEachOther() {
    try (TextTokenizer tokenizer = TextTokenizer.open(model);
        OnnxSession session = OnnxSession.open(model, SessionOptions.DEFAULT)) {
      float[][] rows =
          session.embed(
              tokenizer.encode(
                  List.of(
                      "How do I reset my password?",
                      "I forgot my login credentials and want new ones",
                      "The recipe needs two eggs")));
      assertThat(Golden.cosine(rows[0], rows[0])).isCloseTo(1, within(1e-6));
      assertThat(Golden.cosine(rows[0], rows[1])).isGreaterThan(Golden.cosine(rows[0], rows[2]));
    }
  }
}
