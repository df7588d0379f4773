package io.attune.cli.hello;

import com.google.protobuf.Struct;
import io.attune.cli.encode.EmbeddedEncoder;
import io.attune.document.Document;
import io.attune.document.DocumentArray;
import io.attune.document.Score;
import io.attune.document.json.StructJson;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongConsumer;
import java.util.stream.Stream;

/// Tells which version of a model an answer can be of: computes distances itself, from vectors that
/// an encoder beside the Flow made of the texts. It knows nothing of generations or rollouts.
///
/// Thread-safe.
final class ExactAnswers {
  /// Between an answer's distance and the exact one, at most: batches round differently.
  private static final double TOLERANCE = 2e-3;

  /// Texts between two words of progress; many, so that those of near-equal length are together.
  private static final int AT_ONCE = 256;

  private final Map<String, Map<String, float[]>> vectors = new ConcurrentHashMap<>();

  /// Learns what a version makes of texts.
  ///
  /// @param store the folder of the ModelStore
  /// @param version as `name@3`
  /// @param progress told how many texts more are done
  void learn(Path store, String version, List<String> texts, LongConsumer progress)
      throws IOException {
    Struct options = StructJson.of(Map.of("model", version, "store", store.toString()));
    Map<String, float[]> learned = new HashMap<>();
    try (EmbeddedEncoder encoder = EmbeddedEncoder.open(options)) {
      for (int from = 0; from < texts.size(); from += AT_ONCE) {
        DocumentArray documents = DocumentArray.of();
        texts
            .subList(from, Math.min(texts.size(), from + AT_ONCE))
            .forEach(text -> documents.add(Document.ofText(text)));
        var _ = encoder.encode(documents, Struct.getDefaultInstance());
        for (Document document : documents) {
          learned.put(document.text(), unit(document.embedding().orElseThrow().floats()));
        }
        progress.accept(documents.size());
      }
    }
    vectors.put(version, learned);
  }

  /// Whether every match is as far from the query as this version says.
  boolean isOf(String version, Document answered) {
    Map<String, float[]> known = vectors.getOrDefault(version, Map.of());
    float[] query = known.get(answered.text());
    return query != null
        && answered.matches().stream().allMatch(match -> isOf(known, query, match));
  }

  private static boolean isOf(Map<String, float[]> known, float[] query, Document match) {
    float[] vector = known.get(match.text());
    double distance = match.scores().getOrDefault("cosine", Score.of(Double.NaN)).value();
    return vector != null && Math.abs(distance - (1 - dot(query, vector))) <= TOLERANCE;
  }

  /// The ids of the answers nearest to a question, ties by id.
  ///
  /// @param limit how many
  List<String> nearest(String version, String question, List<QaCorpus.Answer> answers, int limit) {
    Map<String, float[]> known = vectors.getOrDefault(version, Map.of());
    float[] query = Objects.requireNonNull(known.get(question), question);
    Map<String, Double> likeness = new HashMap<>();
    for (QaCorpus.Answer answer : answers) {
      float[] vector = Objects.requireNonNull(known.get(answer.text()), answer.id());
      likeness.put(answer.id(), dot(query, vector));
    }
    return answers.stream()
        .map(QaCorpus.Answer::id)
        .sorted(
            Comparator.<String>comparingDouble(id -> -likeness.getOrDefault(id, 0.0))
                .thenComparing(Comparator.naturalOrder()))
        .limit(limit)
        .toList();
  }

  /// All texts of a corpus.
  static List<String> texts(QaCorpus corpus) {
    return Stream.concat(
            corpus.answers().stream().map(QaCorpus.Answer::text),
            corpus.questions().stream().map(QaCorpus.Question::text))
        .distinct()
        .toList();
  }

  private static float[] unit(float[] vector) {
    double length = Math.sqrt(dot(vector, vector));
    float[] unit = new float[vector.length];
    for (int i = 0; i < unit.length; i++) {
      unit[i] = (float) (vector[i] / length);
    }
    return unit;
  }

  private static double dot(float[] one, float[] other) {
    double sum = 0;
    for (int i = 0; i < one.length; i++) {
      sum += (double) one[i] * other[i];
    }
    return sum;
  }
}
