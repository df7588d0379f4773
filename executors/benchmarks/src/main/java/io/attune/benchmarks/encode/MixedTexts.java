package io.attune.benchmarks.encode;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// Texts of mixed length: log-normal, about 51 tokens in the mean, 144 at the 95th percentile, 256
/// at most, special tokens included. The same seed gives the same texts.
final class MixedTexts {
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

  private MixedTexts() {}

  /// Texts of a seed.
  static List<String> of(int count, long seed) {
    Random random = new Random(seed);
    List<String> texts = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      double drawn = MEDIAN * Math.exp(SPREAD * random.nextGaussian());
      int words = Math.clamp(Math.round(drawn), SHORTEST, LONGEST) - SPECIAL;
      StringBuilder text = new StringBuilder();
      for (int word = 0; word < words; word++) {
        text.append(word == 0 ? "" : " ").append(WORDS.get(random.nextInt(WORDS.size())));
      }
      texts.add(text.toString());
    }
    return texts;
  }
}
