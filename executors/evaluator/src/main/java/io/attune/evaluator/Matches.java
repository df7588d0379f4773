package io.attune.evaluator;

import io.attune.document.Document;
import io.attune.document.Score;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/// A query's matches in the order in which they are judged.
///
/// The order is the one they came in, the nearest first. Matches that follow each other with the
/// same score are ordered by id, so that an evaluation does not depend on how an index broke ties.
final class Matches {
  private Matches() {}

  static List<Document> ranked(Document query) {
    List<Document> ranked = new ArrayList<>(query.matches());
    int start = 0;
    for (int i = 1; i <= ranked.size(); i++) {
      if (i == ranked.size() || !tied(ranked.get(start), ranked.get(i))) {
        ranked.subList(start, i).sort(Comparator.comparing(Document::id));
        start = i;
      }
    }
    return ranked;
  }

  private static boolean tied(Document left, Document right) {
    Map<String, Score> scores = left.scores();
    return !scores.isEmpty() && values(scores).equals(values(right.scores()));
  }

  private static Map<String, Float> values(Map<String, Score> scores) {
    return scores.entrySet().stream()
        .collect(
            java.util.stream.Collectors.toMap(
                Map.Entry::getKey, entry -> entry.getValue().value()));
  }
}
