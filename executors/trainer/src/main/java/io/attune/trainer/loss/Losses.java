package io.attune.trainer.loss;

import io.attune.trainer.data.Supervision;
import io.attune.trainer.data.Supervision.Labels;
import io.attune.trainer.data.Supervision.Scores;
import io.attune.trainer.data.Supervision.Sessions;
import io.attune.trainer.option.Catalog;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/// The losses there are.
public final class Losses {
  private static final Set<Class<? extends Supervision>> RELATED =
      Set.of(Labels.class, Sessions.class);

  private static final Catalog<LossChoice> CATALOG =
      Catalog.of(
          "loss",
          new LossChoice(
              "TripletMarginLoss",
              "[d(a,p) - d(a,n) + margin]+ (pytorch-metric-learning)",
              TripletMarginLoss.options(),
              RELATED,
              true,
              TripletMarginLoss::of),
          new LossChoice(
              "ContrastiveLoss",
              "[d - pos_margin]+ of positive pairs plus [neg_margin - d]+ of negative ones"
                  + " (pytorch-metric-learning)",
              ContrastiveLoss.options(),
              RELATED,
              true,
              ContrastiveLoss::of),
          new LossChoice(
              "NTXentLoss",
              "softmax of each positive pair against the anchor's negatives"
                  + " (pytorch-metric-learning; arXiv:2002.05709)",
              NTXentLoss.options(),
              RELATED,
              true,
              NTXentLoss::of),
          new LossChoice(
              "MultipleNegativesRankingLoss",
              "softmax of each anchor's positive against all other positives and negatives of the"
                  + " batch (sentence-transformers; arXiv:1705.00652)",
              MultipleNegativesRankingLoss.options(),
              RELATED,
              false,
              MultipleNegativesRankingLoss::of),
          new LossChoice(
              "CosineSimilarityLoss",
              "squared difference of cosine and score (sentence-transformers)",
              CosineSimilarityLoss.options(),
              Set.of(Scores.class),
              false,
              CosineSimilarityLoss::of),
          new LossChoice(
              "SiameseContrastiveLoss",
              "d² of positive pairs and [margin - d]+² of negative ones, halved"
                  + " (sentence-transformers' ContrastiveLoss)",
              SiameseContrastiveLoss.options(),
              Set.of(Labels.class, Sessions.class, Scores.class),
              false,
              SiameseContrastiveLoss::of));

  private Losses() {}

  /// All losses by name.
  public static Catalog<LossChoice> catalog() {
    return CATALOG;
  }

  static String names(Predicate<LossChoice> which) {
    return CATALOG.choices().stream()
        .filter(which)
        .map(LossChoice::name)
        .collect(Collectors.joining(", "));
  }
}
