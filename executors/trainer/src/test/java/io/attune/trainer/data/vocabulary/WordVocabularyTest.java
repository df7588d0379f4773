package io.attune.trainer.data.vocabulary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.models.TextTokenizer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class WordVocabularyTest {
  /// What the fixture's tokenizer file was made of, word_tokenizer.py.
  private static final List<String> TEXTS =
      List.of(
          "What's new? What is it?",
          "it's new - is it: what's THE price (the \"price\")?",
          "café CAFÉ naïve naïve e-mail e-mail a\tb a\nb");

  @TempDir private Path folder;

  private static String resource(String name) throws IOException {
    try (InputStream in = WordVocabularyTest.class.getResourceAsStream(name)) {
      assertThat(in).as(name).isNotNull();
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void textsAreCutAsKerasCutsThem() {
    assertThat(KerasWords.of("  Don't stop:me\tnow\n(\"OK\") a\u00A0b  "))
        .containsExactly("don't", "stop", "me", "now", "ok", "a\u00A0b");
    assertThat(KerasWords.of("!?")).isEmpty();
  }

  @Test
  void wordsSeenTwiceGetIdsInTheOrderFirstSeen() {
    WordVocabulary vocabulary = WordVocabulary.of(List.of("b a c", "a b", "d d"));
    assertThat(vocabulary.ids()).containsOnlyKeys("b", "a", "d");
    assertThat(vocabulary.size()).isEqualTo(5);
    assertThat(vocabulary.encode("a B c d")).containsExactly(3, 2, 1, 4);
    assertThat(vocabulary.encode("a B c d", 6)).containsExactly(0, 0, 3, 2, 1, 4);
    assertThat(vocabulary.encode("a B c d", 3)).containsExactly(2, 1, 4);
  }

  @Test
  void aSmallTableKeepsTheWordsSeenMost() {
    WordVocabulary vocabulary = WordVocabulary.of(List.of("a a b b b c c d"), 4);
    assertThat(vocabulary.ids()).containsExactly(Map.entry("a", 2), Map.entry("b", 3));
    assertThatThrownBy(() -> WordVocabulary.of(List.of(), 2))
        .hasMessage("vocabulary_size: 2 (expected: 3 or more)");
  }

  /// The fixture is what `tokenizers` in Python writes.
  @Test
  void theTokenizerFileIsTheOneThatPythonWrites() throws IOException {
    assertThat(JsonMapper.shared().readTree(WordVocabulary.of(TEXTS).toTokenizerJson(12)))
        .isEqualTo(JsonMapper.shared().readTree(resource("word_tokenizer.json")));
  }

  @Test
  void pythonServingAndTrainingGiveTheSameIds() throws IOException {
    WordVocabulary vocabulary = WordVocabulary.of(TEXTS);
    Path file = folder.resolve("tokenizer.json");
    Files.writeString(file, vocabulary.toTokenizerJson(12));
    try (TextTokenizer tokenizer = TextTokenizer.open(file, 12)) {
      for (JsonNode each : JsonMapper.shared().readTree(resource("word_tokenizer_ids.json"))) {
        String text = each.get("text").asString();
        List<Integer> expected = new ArrayList<>();
        each.get("ids").forEach(id -> expected.add(id.asInt()));
        int[] ids = expected.stream().mapToInt(id -> id).toArray();
        assertThat(tokenizer.encode(text).ids()).as(text).isEqualTo(ids);
        long[] padded = vocabulary.encode(text, 12);
        for (int i = 0; i < 12; i++) {
          int at = i - (12 - ids.length);
          assertThat(padded[i]).as(text).isEqualTo(at < 0 ? 0 : ids[at]);
        }
      }
    }
  }
}
