package io.attune.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Texts without meaning, in which every word is a token; the same seed gives the same texts.
///
/// Those of mixed length are log-normal: about 51 tokens in the mean, 144 at the 95th percentile,
/// 256 at most, special tokens included.
public final class SyntheticTexts {
  private static final double MEDIAN = 35.5;
  private static final double SPREAD = 0.851;
  private static final int SHORTEST = 4;
  private static final int LONGEST = 256;
  private static final int SPECIAL = 2;

  /// Words that are one token each for BERT's English vocabulary.
  private static final List<String> WORDS =
      List.of(
          "the",
          "of",
          "and",
          "in",
          "to",
          "was",
          "for",
          "with",
          "on",
          "as",
          "by",
          "at",
          "from",
          "his",
          "that",
          "it",
          "he",
          "search",
          "system",
          "model",
          "data",
          "time",
          "people",
          "city",
          "world",
          "music",
          "water",
          "report",
          "market",
          "question",
          "answer",
          "science",
          "history",
          "village",
          "company",
          "language",
          "number",
          "computer",
          "network",
          "energy",
          "paper",
          "student",
          "garden",
          "letter",
          "river",
          "summer",
          "window",
          "doctor",
          "engine",
          "station");

  private SyntheticTexts() {}

  /// Texts of mixed length.
  public static List<String> of(int count, long seed) {
    Random random = new Random(seed);
    List<String> texts = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      double drawn = MEDIAN * Math.exp(SPREAD * random.nextGaussian());
      int words = Math.clamp(Math.round(drawn), SHORTEST, LONGEST) - SPECIAL;
      texts.add(text(words, random));
    }
    return texts;
  }

  /// Texts of one length.
  public static List<String> ofLength(int words, int count, long seed) {
    Random random = new Random(seed);
    return Stream.generate(() -> text(words, random)).limit(count).toList();
  }

  private static String text(int words, Random random) {
    return Stream.generate(() -> WORDS.get(random.nextInt(WORDS.size())))
        .limit(words)
        .collect(Collectors.joining(" "));
  }
}
