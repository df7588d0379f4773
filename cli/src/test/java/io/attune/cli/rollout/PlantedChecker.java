package io.attune.cli.rollout;

import io.attune.document.Document;
import io.attune.document.Score;
import io.attune.models.testing.PlantedModels;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/// Tells what answers of a Flow with planted models must be, from the models' definition alone.
///
/// @param slots the slot of each version, as `name@3`
/// @param gone versions that no search gets any more that is sent after a time
/// @param stable documents that are there all the time, text by id
/// @param embeddings those that were computed, by slot and text
record PlantedChecker(
    Map<String, Integer> slots,
    Map<String, Long> gone,
    Map<String, String> stable,
    Map<String, float[]> embeddings) {
  private static final double ERROR = 1e-3;

  PlantedChecker(Map<String, String> stable) {
    this(
        new ConcurrentHashMap<>(),
        new ConcurrentHashMap<>(),
        Map.copyOf(stable),
        new ConcurrentHashMap<>());
  }

  /// Notes that a version is gone.
  void gone(String version) {
    var _ = gone.putIfAbsent(version, System.nanoTime());
  }

  /// What is wrong with an answer that names a version; empty where nothing is.
  ///
  /// @param sentNanos when it was asked for
  Optional<String> wrong(String version, Document answered, long sentNanos) {
    Integer slot = slots.get(version);
    if (slot == null) {
      return Optional.of("version: " + version);
    }
    Long end = gone.get(version);
    if (end != null && sentNanos - end > 0) {
      return Optional.of("version: %s was gone when it was asked".formatted(version));
    }
    List<Document> matches = answered.matches().stream().toList();
    for (Document match : matches) {
      double exact = distance(answered.text(), match.text(), slot);
      if (Math.abs(distance(match) - exact) > ERROR) {
        return Optional.of(
            "%s of %s: %.4f (expected: %.4f)"
                .formatted(match.id(), version, distance(match), exact));
      }
    }
    return missing(answered.text(), matches, slot);
  }

  /// A stable document that is nearer than the last match must be among them.
  private Optional<String> missing(String query, List<Document> matches, int slot) {
    double last = matches.isEmpty() ? Double.POSITIVE_INFINITY : distance(matches.getLast());
    Set<String> ids = matches.stream().map(Document::id).collect(Collectors.toSet());
    return stable.entrySet().stream()
        .filter(each -> !ids.contains(each.getKey()))
        .filter(each -> distance(query, each.getValue(), slot) < last - 2 * ERROR)
        .map(each -> each.getKey() + " is not found")
        .findFirst();
  }

  private static double distance(Document match) {
    return match.scores().getOrDefault("cosine", Score.of(Double.NaN)).value();
  }

  private double distance(String one, String other, int slot) {
    float[] left = embedding(one, slot);
    float[] right = embedding(other, slot);
    double dot = 0;
    for (int i = 0; i < left.length; i++) {
      dot += (double) left[i] * right[i];
    }
    return 1 - dot;
  }

  private float[] embedding(String text, int slot) {
    return embeddings.computeIfAbsent(slot + " " + text, _ -> PlantedModels.embedding(text, slot));
  }
}
