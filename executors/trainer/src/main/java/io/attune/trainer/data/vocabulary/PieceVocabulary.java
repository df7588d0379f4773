package io.attune.trainer.data.vocabulary;

import io.attune.runtime.FlowException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The words seen twice or more, and pieces of one to four characters that spell all others, so
/// that two texts with one rare name have something in common. As words of [WordVocabulary] they
/// are lower case and without punctuation.
///
/// A word that is not known is cut into the longest pieces from its start, as WordPiece cuts (M.
/// Schuster, K. Nakajima, "Japanese and Korean voice search", 2012); a piece that goes on with a
/// word begins with `##`. At most a quarter of the ids are pieces: first single characters, then
/// those that distinct words have most often, weighed by their length.
public final class PieceVocabulary {
  private static final int FIRST = 2;
  private static final int LEAST_SEEN = 2;
  private static final int LONGEST_PIECE = 4;
  private static final int PIECES_SHARE = 4;
  private static final String CONTINUES = "##";

  private final Map<String, Integer> ids;
  private final int words;

  private PieceVocabulary(Map<String, Integer> ids, int words) {
    this.ids = Collections.unmodifiableMap(ids);
    this.words = words;
  }

  /// The vocabulary of texts.
  ///
  /// @param size the most ids, padding and unknown included, 3 or more
  public static PieceVocabulary of(Iterable<String> texts, int size) {
    if (size <= FIRST) {
      throw FlowException.invalid("vocabulary_size: " + size + " (expected: 3 or more)");
    }
    Map<String, Integer> counts = WordVocabulary.counts(texts);
    List<String> pieces = pieces(counts.keySet(), (size - FIRST) / PIECES_SHARE);
    counts.values().removeIf(count -> count < LEAST_SEEN);
    Set<String> known = WordVocabulary.mostSeen(counts, size - FIRST - pieces.size());
    Map<String, Integer> ids = new LinkedHashMap<>();
    counts.keySet().stream().filter(known::contains).forEach(word -> add(ids, word));
    int words = ids.size();
    pieces.forEach(piece -> add(ids, piece));
    return new PieceVocabulary(ids, words);
  }

  private static void add(Map<String, Integer> ids, String entry) {
    ids.putIfAbsent(entry, FIRST + ids.size());
  }

  /// The pieces of distinct words that are worth most.
  private static List<String> pieces(Set<String> words, int most) {
    Map<String, Integer> counts = new HashMap<>();
    for (String word : words) {
      int[] characters = word.codePoints().toArray();
      for (int from = 0; from < characters.length; from++) {
        int longest = Math.min(LONGEST_PIECE, characters.length - from);
        for (int length = 1; length <= longest; length++) {
          String piece = new String(characters, from, length);
          counts.merge(from == 0 ? piece : CONTINUES + piece, 1, Integer::sum);
        }
      }
    }
    counts.values().removeIf(count -> count < LEAST_SEEN);
    List<String> pieces = new ArrayList<>(counts.keySet());
    pieces.sort(
        Comparator.comparingInt((String piece) -> length(piece) > 1 ? 1 : 0)
            .thenComparingLong(piece -> -(long) counts.getOrDefault(piece, 0) * length(piece))
            .thenComparing(Comparator.naturalOrder()));
    return pieces.subList(0, Math.min(most, pieces.size()));
  }

  private static int length(String piece) {
    int prefix = piece.startsWith(CONTINUES) ? CONTINUES.length() : 0;
    return piece.codePointCount(prefix, piece.length());
  }

  /// How many whole words there are.
  public int words() {
    return words;
  }

  /// How many ids there are, padding and unknown included: all ids are below it.
  public int size() {
    return FIRST + ids.size();
  }

  /// The id of each word and piece.
  public Map<String, Integer> ids() {
    return ids;
  }

  /// The vocabulary as a `tokenizer.json` of Hugging Face's `tokenizers`.
  ///
  /// @param maxLength the most words and pieces of a text; of texts too long the last ones
  public String toTokenizerJson(int maxLength) {
    return TokenizerFile.ofPieces(ids, CONTINUES, maxLength);
  }
}
