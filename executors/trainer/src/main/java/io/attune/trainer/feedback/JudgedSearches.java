package io.attune.trainer.feedback;

import io.attune.evaluator.metrics.Estimate;
import java.util.LinkedHashMap;
import java.util.Map;

/// What people said of the searches that one version answered. A search is a query of a request; it
/// counts where a judgment of it stands.
///
/// Its reciprocal rank is 1/r, r being the rank in what was shown of the first document that was
/// judged relevant, and 0 where none was. The mean's interval is the bootstrap's, of searches that
/// have nothing to do with each other; of a few it is too narrow.
final class JudgedSearches {
  private static final int RESAMPLES = 1_000;
  private static final int FEWEST_RESAMPLES = 100;
  private static final int MOST_DRAWS = 10_000_000;
  private static final long SEED = 1;
  private static final int NONE = Integer.MAX_VALUE;

  private final Map<Search, Integer> ranks = new LinkedHashMap<>();
  private int relevant;
  private int irrelevant;

  private record Search(String request, String query) {}

  /// Adds a judgment that stands.
  ///
  /// @param rank where the document was shown, counted from 1
  void add(Judgment.Key key, int rank, boolean isRelevant) {
    relevant += isRelevant ? 1 : 0;
    irrelevant += isRelevant ? 0 : 1;
    ranks.merge(new Search(key.request(), key.query()), isRelevant ? rank : NONE, Math::min);
  }

  /// The mean over all searches, one or more. Of very many fewer resamples are drawn: their
  /// interval is narrow, and somebody waits.
  private Estimate reciprocalRank() {
    double[] values =
        ranks.values().stream().mapToDouble(rank -> rank == NONE ? 0 : 1.0 / rank).toArray();
    int resamples = Math.clamp(MOST_DRAWS / values.length, FEWEST_RESAMPLES, RESAMPLES);
    return Estimate.ofMean(values, resamples, SEED);
  }

  Map<String, Object> toJson() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("searches", ranks.size());
    json.put("judgments", relevant + irrelevant);
    json.put("relevant", relevant);
    json.put("irrelevant", irrelevant);
    json.put("reciprocal_rank", reciprocalRank().toJson());
    return json;
  }
}
