package io.attune.trainer.data.vocabulary;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Texts as words, as Keras' `text_to_word_sequence` cuts them by default: lower case, all ASCII
/// punctuation but the apostrophe, tabs and line feeds become spaces, cut at spaces.
public final class KerasWords {
  /// What becomes a space.
  static final String FILTERS = "!\"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n";

  private KerasWords() {}

  /// The words of a text.
  public static List<String> of(String text) {
    String lower = text.toLowerCase(Locale.ROOT);
    List<String> words = new ArrayList<>();
    int start = 0;
    for (int i = 0; i <= lower.length(); i++) {
      boolean cut =
          i == lower.length() || lower.charAt(i) == ' ' || FILTERS.indexOf(lower.charAt(i)) >= 0;
      if (cut) {
        if (i > start) {
          words.add(lower.substring(start, i));
        }
        start = i + 1;
      }
    }
    return words;
  }
}
