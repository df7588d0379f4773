package io.attune.trainer.data.toy;

import io.attune.runtime.FlowException;
import org.jspecify.annotations.Nullable;

/// How Covid QA documents are made. Names and defaults are those of Finetuner's
/// `generate_qa_match`.
///
/// @param total `num_total`: the most documents; 481
/// @param negatives `num_neg`: negative matches of each document; 0, and then there is no positive
///   match either
/// @param positive `pos_value`: the label of the positive match; 1
/// @param negative `neg_value`: the label of a negative match; -1
/// @param toNdarray `to_ndarray`: the content is the ids of the text's words, not the text; true
/// @param maxSeqLen `max_seq_len`: how many ids; 100
/// @param testset `is_testset`: the even rows if true, the odd ones if false, all if null; null
/// @param seed for the negatives
public record CovidQaOptions(
    int total,
    int negatives,
    int positive,
    int negative,
    boolean toNdarray,
    int maxSeqLen,
    @Nullable Boolean testset,
    long seed) {
  /// The defaults.
  public static final CovidQaOptions DEFAULTS =
      new CovidQaOptions(481, 0, 1, -1, true, 100, null, 0);

  public CovidQaOptions {
    require(total >= 1, "num_total", total, "1 or more");
    require(negatives >= 0, "num_neg", negatives, "0 or more");
    require(positive != negative, "neg_value", negative, "other than pos_value");
    require(maxSeqLen >= 1, "max_seq_len", maxSeqLen, "1 or more");
  }

  private static void require(boolean holds, String name, int value, String expected) {
    if (!holds) {
      throw FlowException.invalid(name + ": " + value + " (expected: " + expected + ")");
    }
  }

  public CovidQaOptions withTotal(int total) {
    return new CovidQaOptions(
        total, negatives, positive, negative, toNdarray, maxSeqLen, testset, seed);
  }

  public CovidQaOptions withNegatives(int negatives, long seed) {
    return new CovidQaOptions(
        total, negatives, positive, negative, toNdarray, maxSeqLen, testset, seed);
  }

  public CovidQaOptions withLabels(int positive, int negative) {
    return new CovidQaOptions(
        total, negatives, positive, negative, toNdarray, maxSeqLen, testset, seed);
  }

  public CovidQaOptions withToNdarray(boolean toNdarray) {
    return new CovidQaOptions(
        total, negatives, positive, negative, toNdarray, maxSeqLen, testset, seed);
  }

  public CovidQaOptions withMaxSeqLen(int maxSeqLen) {
    return new CovidQaOptions(
        total, negatives, positive, negative, toNdarray, maxSeqLen, testset, seed);
  }

  public CovidQaOptions withTestset(@Nullable Boolean testset) {
    return new CovidQaOptions(
        total, negatives, positive, negative, toNdarray, maxSeqLen, testset, seed);
  }
}
