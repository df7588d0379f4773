package io.attune.evaluator.metrics;

import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// A measure of how good one query's matches are.
///
/// The first nine are the standard definitions at a cut-off k: ranks past k do not count. Those
/// with `docarray_` are the definitions of docarray 0.21, kept for comparison with figures from
/// there: precision is divided by the number of matches where that is below k; average precision by
/// the relevant documents that were retrieved; the ideal of nDCG and the R of R-precision know only
/// what was retrieved; DCG does not discount the second rank; and reciprocal rank, average
/// precision and R-precision see the whole list, not its first k.
///
/// In the formulas r_i is 1 where rank i is relevant, h_k = r_1 + … + r_k, and R is the number of
/// relevant documents.
public enum Metric {
  /// h_k / k.
  PRECISION {
    @Override
    public double of(Ranking ranking, int k) {
      return (double) ranking.hits(k) / k;
    }
  },
  /// h_k / R.
  RECALL {
    @Override
    public double of(Ranking ranking, int k) {
      return ratio(ranking.hits(k), ranking.relevant());
    }
  },
  /// The harmonic mean of precision and recall: 2PR / (P + R).
  F1 {
    @Override
    public double of(Ranking ranking, int k) {
      return harmonic(PRECISION.of(ranking, k), RECALL.of(ranking, k));
    }
  },
  /// 1 where h_k > 0, else 0.
  HIT {
    @Override
    public double of(Ranking ranking, int k) {
      return ranking.hits(k) > 0 ? 1 : 0;
    }
  },
  /// Σ_{i≤k} r_i · h_i/i, divided by min(k, R).
  ///
  /// The divisor is that of sentence-transformers' `InformationRetrievalEvaluator` (MAP@k): a
  /// perfect list of k gives 1. trec_eval's `map_cut` divides by R.
  AVERAGE_PRECISION {
    @Override
    public double of(Ranking ranking, int k) {
      return ratio(precisions(ranking, k), Math.min(k, ranking.relevant()));
    }
  },
  /// 1 / the first relevant rank ≤ k, 0 without one.
  RECIPROCAL_RANK {
    @Override
    public double of(Ranking ranking, int k) {
      int first = ranking.firstHit();
      return first < 0 || first >= k ? 0 : 1.0 / (first + 1);
    }
  },
  /// h_min(k,R) / R: the precision at rank R, of what lies within k.
  R_PRECISION {
    @Override
    public double of(Ranking ranking, int k) {
      return ratio(ranking.hits(Math.min(k, ranking.relevant())), ranking.relevant());
    }
  },
  /// Σ_{i≤k} r_i / log2(i + 1).
  DCG {
    @Override
    public double of(Ranking ranking, int k) {
      double sum = 0;
      for (int i = 0; i < Math.min(k, ranking.size()); i++) {
        sum += ranking.relevantAt(i) ? 1 / log2(i + 2) : 0;
      }
      return sum;
    }
  },
  /// DCG / the DCG of a list that starts with min(k, R) relevant documents.
  NDCG {
    @Override
    public double of(Ranking ranking, int k) {
      double ideal = 0;
      for (int i = 0; i < Math.min(k, ranking.relevant()); i++) {
        ideal += 1 / log2(i + 2);
      }
      return ratio(DCG.of(ranking, k), ideal);
    }
  },
  /// h_k / min(k, m), m the number of matches.
  DOCARRAY_PRECISION_AT_K {
    @Override
    public double of(Ranking ranking, int k) {
      return ratio(ranking.hits(k), Math.min(k, ranking.size()));
    }
  },
  /// h_k / R.
  DOCARRAY_RECALL_AT_K {
    @Override
    public double of(Ranking ranking, int k) {
      return RECALL.of(ranking, k);
    }
  },
  /// The harmonic mean of the two above.
  DOCARRAY_F1_SCORE_AT_K {
    @Override
    public double of(Ranking ranking, int k) {
      return harmonic(DOCARRAY_PRECISION_AT_K.of(ranking, k), DOCARRAY_RECALL_AT_K.of(ranking, k));
    }
  },
  /// 1 where h_k > 0, else 0.
  DOCARRAY_HIT_AT_K {
    @Override
    public double of(Ranking ranking, int k) {
      return HIT.of(ranking, k);
    }
  },
  /// Σ r_i · h_i/i over the whole list, divided by the number of relevant documents in it.
  DOCARRAY_AVERAGE_PRECISION {
    @Override
    public double of(Ranking ranking, int k) {
      return ratio(precisions(ranking, ranking.size()), ranking.hits(ranking.size()));
    }
  },
  /// 1 / the first relevant rank of the whole list.
  DOCARRAY_RECIPROCAL_RANK {
    @Override
    public double of(Ranking ranking, int k) {
      return RECIPROCAL_RANK.of(ranking, Integer.MAX_VALUE);
    }
  },
  /// h_h / h, h the number of relevant documents in the whole list.
  DOCARRAY_R_PRECISION {
    @Override
    public double of(Ranking ranking, int k) {
      int hits = ranking.hits(ranking.size());
      return ratio(ranking.hits(hits), hits);
    }
  },
  /// r_1 + Σ_{2≤i≤k} r_i / log2(i).
  DOCARRAY_DCG_AT_K {
    @Override
    public double of(Ranking ranking, int k) {
      double sum = 0;
      for (int i = 0; i < Math.min(k, ranking.size()); i++) {
        sum += ranking.relevantAt(i) ? docarrayGain(i) : 0;
      }
      return sum;
    }
  },
  /// That DCG / the same of the whole list sorted, its first k.
  DOCARRAY_NDCG_AT_K {
    @Override
    public double of(Ranking ranking, int k) {
      double ideal = 0;
      for (int i = 0; i < Math.min(k, ranking.hits(ranking.size())); i++) {
        ideal += docarrayGain(i);
      }
      return ratio(DOCARRAY_DCG_AT_K.of(ranking, k), ideal);
    }
  };

  /// The nine standard ones: what is evaluated where nobody says.
  public static final List<Metric> STANDARD =
      List.of(
          PRECISION, RECALL, F1, HIT, AVERAGE_PRECISION, RECIPROCAL_RANK, R_PRECISION, DCG, NDCG);

  /// The nine of docarray 0.21.
  public static final List<Metric> DOCARRAY =
      Arrays.stream(values()).filter(metric -> !STANDARD.contains(metric)).toList();

  /// The metric of one query.
  ///
  /// @param ranking what it retrieved
  /// @param k the cut-off, 1 or more
  public abstract double of(Ranking ranking, int k);

  /// Its name in parameters and results: `reciprocal_rank`.
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// The metric of a name.
  public static Optional<Metric> named(String label) {
    return Arrays.stream(values()).filter(metric -> metric.label().equals(label)).findFirst();
  }

  /// The metrics of names, each once: of metrics, or the sets `standard` and `docarray`.
  ///
  /// @param option what messages call the names
  /// @throws IllegalArgumentException for a name that is neither
  public static List<Metric> chosen(String option, Collection<String> names) {
    Set<Metric> chosen = new LinkedHashSet<>();
    for (String name : names) {
      switch (name) {
        case "standard" -> chosen.addAll(STANDARD);
        case "docarray" -> chosen.addAll(DOCARRAY);
        default -> chosen.add(named(name).orElseThrow(() -> unknown(option, name)));
      }
    }
    return List.copyOf(chosen);
  }

  private static IllegalArgumentException unknown(String option, String name) {
    List<String> labels =
        Stream.of(STANDARD, DOCARRAY).flatMap(List::stream).map(Metric::label).toList();
    return new IllegalArgumentException(
        "%s: \"%s\" (expected: standard, docarray or of %s)".formatted(option, name, labels));
  }

  private static double precisions(Ranking ranking, int k) {
    double sum = 0;
    int hits = 0;
    for (int i = 0; i < Math.min(k, ranking.size()); i++) {
      if (ranking.relevantAt(i)) {
        hits++;
        sum += (double) hits / (i + 1);
      }
    }
    return sum;
  }

  private static double docarrayGain(int rank) {
    return rank == 0 ? 1 : 1 / log2(rank + 1);
  }

  private static double harmonic(double precision, double recall) {
    return ratio(2 * precision * recall, precision + recall);
  }

  private static double ratio(double part, double whole) {
    return whole == 0 ? 0 : part / whole;
  }

  private static double log2(int value) {
    return Math.log(value) / Math.log(2);
  }
}
