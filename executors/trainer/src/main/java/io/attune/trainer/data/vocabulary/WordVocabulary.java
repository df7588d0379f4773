package io.attune.trainer.data.vocabulary;

import io.attune.runtime.FlowException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The words that a model knows: those seen twice or more, with ids from 2 in the order first seen;
/// 0 is padding, 1 is any other word.
public final class WordVocabulary {
  /// The id of padding.
  public static final int PADDING = 0;

  /// The id of a word that is not known.
  public static final int UNKNOWN = 1;

  private static final int FIRST = 2;
  private static final int LEAST_SEEN = 2;

  private final Map<String, Integer> ids;

  private WordVocabulary(Map<String, Integer> ids) {
    this.ids = Collections.unmodifiableMap(ids);
  }

  /// The vocabulary of texts: all words seen twice or more.
  public static WordVocabulary of(Iterable<String> texts) {
    return of(texts, Integer.MAX_VALUE);
  }

  /// The vocabulary of texts, cut to what an embedding table has rows for: the words seen most, of
  /// equals the ones first seen.
  ///
  /// @param size the most ids, padding and unknown included, 3 or more
  public static WordVocabulary of(Iterable<String> texts, int size) {
    if (size <= FIRST) {
      throw FlowException.invalid("vocabulary_size: " + size + " (expected: 3 or more)");
    }
    Map<String, Integer> counts = counts(texts);
    counts.values().removeIf(count -> count < LEAST_SEEN);
    Set<String> kept = mostSeen(counts, size - FIRST);
    Map<String, Integer> ids = new LinkedHashMap<>();
    for (String word : counts.keySet()) {
      if (kept.contains(word)) {
        ids.put(word, FIRST + ids.size());
      }
    }
    return new WordVocabulary(ids);
  }

  /// How often each word is there, in the order first seen.
  static Map<String, Integer> counts(Iterable<String> texts) {
    Map<String, Integer> counts = new LinkedHashMap<>();
    for (String text : texts) {
      KerasWords.of(text).forEach(word -> counts.merge(word, 1, Integer::sum));
    }
    return counts;
  }

  /// The words seen most, of equals the ones first seen.
  static Set<String> mostSeen(Map<String, Integer> counts, int most) {
    if (counts.size() <= most) {
      return counts.keySet();
    }
    List<Map.Entry<String, Integer>> words = new ArrayList<>(counts.entrySet());
    words.sort(Comparator.comparing(Map.Entry<String, Integer>::getValue).reversed());
    Set<String> kept = new HashSet<>();
    words.subList(0, most).forEach(word -> kept.add(word.getKey()));
    return kept;
  }

  /// How many ids there are, padding and unknown included: all ids are below it.
  public int size() {
    return FIRST + ids.size();
  }

  /// The id of each known word.
  public Map<String, Integer> ids() {
    return ids;
  }

  /// The ids of a text's words.
  public int[] encode(String text) {
    return KerasWords.of(text).stream().mapToInt(word -> ids.getOrDefault(word, UNKNOWN)).toArray();
  }

  /// The ids of a text at one length: of longer texts the last words, shorter ones padded on the
  /// left.
  public long[] encode(String text, int length) {
    int[] words = encode(text);
    long[] padded = new long[length];
    int count = Math.min(length, words.length);
    for (int i = 0; i < count; i++) {
      padded[length - 1 - i] = words[words.length - 1 - i];
    }
    return padded;
  }

  /// The same as a `tokenizer.json` of Hugging Face's `tokenizers`, for a model's artifact: it
  /// gives the same ids to the same texts, of texts too long the last words.
  ///
  /// @param maxLength the most words of a text
  public String toTokenizerJson(int maxLength) {
    return TokenizerFile.of(ids, maxLength);
  }
}
