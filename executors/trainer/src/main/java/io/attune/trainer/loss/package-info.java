/// Losses over a batch of embeddings. Start at [Loss][io.attune.trainer.loss.Loss], and at
/// [Losses][io.attune.trainer.loss.Losses] for those there are.
///
/// How each kind of [Supervision][io.attune.trainer.data.Supervision] is read:
///
/// - TripletMarginLoss, ContrastiveLoss, NTXentLoss: labels and sessions become
///   [Relations][io.attune.trainer.miner.Relations], of which all pairs or triplets are taken, or
///   those that a [Miner][io.attune.trainer.miner.Miner] chooses. Option `negatives` says whether
///   items of other sessions are negatives.
/// - MultipleNegativesRankingLoss: one row per anchor and positive. Sessions: the anchor, and each
///   of its positives. Labels: the first item of a label in the batch is the anchor, the others its
///   positives; a label's only item is no row, but a candidate of the others. A row's candidates
///   are its positive, all positives and negatives of other sessions or labels, and its own
///   session's negatives; other positives of the row's own session or label are known duplicates
///   and left out.
/// - CosineSimilarityLoss: scored pairs.
/// - SiameseContrastiveLoss: scored pairs, or each related pair once.
@NullMarked
package io.attune.trainer.loss;

import org.jspecify.annotations.NullMarked;
