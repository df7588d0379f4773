package io.attune.trainer.data.vocabulary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.models.TextTokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PieceVocabularyTest {
  private static final List<String> TEXTS =
      List.of("Rome, rome", "romeo roman romano", "home homer", "a b");

  @TempDir private Path folder;

  /// What the tokeniser of the artifact makes of a text.
  private List<String> cut(PieceVocabulary vocabulary, String text) throws IOException {
    Path file = Files.writeString(folder.resolve("tokenizer.json"), vocabulary.toTokenizerJson(50));
    List<String> tokens = new ArrayList<>();
    try (TextTokenizer tokenizer = TextTokenizer.open(file, 50)) {
      for (int id : tokenizer.encode(text).ids()) {
        tokens.add(
            vocabulary.ids().entrySet().stream()
                .filter(entry -> entry.getValue() == id)
                .map(Map.Entry::getKey)
                .findFirst()
                .orElse("?"));
      }
    }
    return tokens;
  }

  @Test
  void wordsSeenTwiceAreWholeAndOthersAreCutIntoTheLongestPieces() throws IOException {
    PieceVocabulary vocabulary = PieceVocabulary.of(TEXTS, 1000);

    assertThat(vocabulary.words()).isEqualTo(1);
    assertThat(vocabulary.ids()).containsEntry("rome", 2).doesNotContainKeys("a", "##r", "##er");
    assertThat(vocabulary.size()).isEqualTo(2 + vocabulary.ids().size());
    assertThat(cut(vocabulary, "ROME!")).containsExactly("rome");
    assertThat(cut(vocabulary, "romano")).containsExactly("roma", "##n", "##o");
    assertThat(cut(vocabulary, "home romeo")).containsExactly("home", "rome", "##o");
    assertThat(cut(vocabulary, "romans xyz")).containsExactly("?", "?"); // no piece is ##s
  }

  @Test
  void aQuarterOfTheIdsAreThePiecesWorthMost() {
    PieceVocabulary vocabulary = PieceVocabulary.of(TEXTS, 10);
    assertThat(vocabulary.ids())
        .containsExactly(Map.entry("rome", 2), Map.entry("##o", 3), Map.entry("##m", 4));
    assertThatThrownBy(() -> PieceVocabulary.of(TEXTS, 2))
        .hasMessage("vocabulary_size: 2 (expected: 3 or more)");
  }
}
