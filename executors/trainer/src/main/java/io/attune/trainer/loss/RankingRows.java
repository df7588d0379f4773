package io.attune.trainer.loss;

import io.attune.runtime.FlowException;
import io.attune.trainer.data.Supervision;
import io.attune.trainer.data.Supervision.Sessions;
import java.util.Arrays;

/// A batch as ranking sees it: anchors, each with its positives, and what else they are ranked
/// against.
///
/// - Sessions: an anchor's positives are those of its session. It is ranked against the positives
///   and negatives of other sessions and the negatives of its own.
/// - Labels: the first item of a label is the anchor, its others are the positives. It is ranked
///   against the items of other labels that are no anchors; an item alone in its label is none.
///
/// An anchor's other positives are known not to be negatives and are left out, so that a row holds
/// one right answer. With one positive to an anchor this is sentence-transformers' order of
/// columns.
@SuppressWarnings("ArrayRecordComponent") // on the data path; never compared
record RankingRows(int[] groups, byte[] roles) {

  static RankingRows of(Supervision supervision) {
    return switch (supervision) {
      case Sessions sessions -> new RankingRows(sessions.sessions(), sessions.roles());
      case Supervision.Labels labels -> new RankingRows(labels.labels(), roles(labels.labels()));
      case Supervision.Scores _ ->
          throw FlowException.invalid("data: scores (expected: labels or sessions)");
    };
  }

  private static byte[] roles(int[] labels) {
    byte[] roles = new byte[labels.length];
    Arrays.fill(roles, Sessions.NEGATIVE);
    for (int i = 0; i < labels.length; i++) {
      for (int j = 0; j < i && roles[i] != Sessions.POSITIVE; j++) {
        if (labels[j] == labels[i]) {
          roles[j] = roles[j] == Sessions.NEGATIVE ? Sessions.ANCHOR : roles[j];
          roles[i] = Sessions.POSITIVE;
        }
      }
    }
    return roles;
  }

  /// From each anchor to its positives.
  PairCounts forward() {
    int size = groups.length;
    float[] positive = new float[size * size];
    float[] negative = new float[size * size];
    int positives = 0;
    int negatives = 0;
    for (int a = 0; a < size; a++) {
      for (int c = 0; c < size && roles[a] == Sessions.ANCHOR; c++) {
        if (roles[c] == Sessions.POSITIVE && groups[c] == groups[a]) {
          positive[a * size + c] = 1;
          positives++;
        } else if (roles[c] != Sessions.ANCHOR) {
          negative[a * size + c] = 1;
          negatives++;
        }
      }
    }
    return new PairCounts(size, positive, negative, positives, negatives);
  }

  /// From each positive to its anchor, among all anchors that have a positive.
  PairCounts backward() {
    int size = groups.length;
    PairCounts forward = forward();
    float[] positive = new float[size * size];
    float[] negative = new float[size * size];
    int negatives = 0;
    for (int a = 0; a < size; a++) {
      float[] row = Arrays.copyOfRange(forward.positive(), a * size, (a + 1) * size);
      boolean ranked = contains(row, 1);
      for (int p = 0; p < size && ranked; p++) {
        if (row[p] == 1) {
          positive[p * size + a] = 1;
        } else if (roles[p] == Sessions.POSITIVE) {
          negative[p * size + a] = 1;
          negatives++;
        }
      }
    }
    return new PairCounts(size, positive, negative, forward.positives(), negatives);
  }

  private static boolean contains(float[] row, float value) {
    for (float each : row) {
      if (each == value) {
        return true;
      }
    }
    return false;
  }
}
