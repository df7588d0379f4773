package io.attune.models;

import java.util.ArrayList;
import java.util.List;

/// The texts that a model's goldens are made of: short, long, cut, empty, other scripts.
final class GoldenTexts {
  private static final List<String> TEXTS =
      List.of(
          "",
          "a",
          "How do I reset my password?",
          "The quick brown fox jumps over the lazy dog.",
          "Grüße aus Köln: 37 °C, ça va très bien — naïve façade.",
          "検索エンジンはどのように動きますか",
          "Нейронный поиск понимает смысл 🚀 1234567890");

  /// Attention takes memory by the square of the length.
  private static final int LONGEST = 1024;

  private GoldenTexts() {}

  static List<String> of(String queryPrompt, String documentPrompt, int maxLength) {
    List<String> texts = new ArrayList<>(TEXTS);
    texts.add(queryPrompt + "what is a vector space");
    texts.add(documentPrompt + "A vector space holds vectors that may be compared.");
    texts.add("long text ".repeat(Math.min(maxLength, LONGEST)));
    return texts;
  }
}
