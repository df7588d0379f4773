package io.attune.trainer.miner;

import io.attune.runtime.FlowException;
import io.attune.trainer.data.Supervision;
import io.attune.trainer.data.Supervision.Sessions;

/// Which items of a batch are known to belong together, and which are known not to.
///
/// - Labels: items of one label are positives of each other, items of two labels negatives.
/// - Sessions: the anchor and the positives of a session are positives of each other and have the
///   session's negatives as their negatives; a negative is never an anchor. What items of other
///   sessions are is [Negatives].
public final class Relations {
  /// What items of other sessions are to the anchor and the positives of a session.
  public enum Negatives {
    /// Nothing is known of them: negatives are those that were judged within the session.
    SESSION,
    /// All of them are negatives too, whatever their role there.
    BATCH
  }

  private static final byte POSITIVE = 1;
  private static final byte NEGATIVE = -1;

  private final int size;
  private final byte[] cells;

  private Relations(int size) {
    this.size = size;
    this.cells = new byte[size * size];
  }

  /// The relations of a batch.
  ///
  /// @throws FlowException where scores are given, which say how near and not which
  public static Relations of(Supervision supervision, Negatives negatives) {
    return switch (supervision) {
      case Supervision.Labels labels -> of(labels.labels());
      case Sessions sessions -> of(sessions, negatives);
      case Supervision.Scores _ ->
          throw FlowException.invalid("data: scores (expected: labels or sessions)");
    };
  }

  private static Relations of(int[] labels) {
    Relations relations = new Relations(labels.length);
    for (int i = 0; i < labels.length; i++) {
      for (int j = 0; j < labels.length; j++) {
        if (i != j) {
          relations.set(i, j, labels[i] == labels[j] ? POSITIVE : NEGATIVE);
        }
      }
    }
    return relations;
  }

  private static Relations of(Sessions data, Negatives negatives) {
    int[] sessions = data.sessions();
    byte[] roles = data.roles();
    Relations relations = new Relations(sessions.length);
    for (int i = 0; i < sessions.length; i++) {
      for (int j = 0; j < sessions.length && roles[i] != Sessions.NEGATIVE; j++) {
        if (i == j) {
          continue;
        }
        if (sessions[i] == sessions[j]) {
          relations.set(i, j, roles[j] == Sessions.NEGATIVE ? NEGATIVE : POSITIVE);
        } else if (negatives == Negatives.BATCH) {
          relations.set(i, j, NEGATIVE);
        }
      }
    }
    return relations;
  }

  private void set(int anchor, int other, byte relation) {
    cells[anchor * size + other] = relation;
  }

  /// How many items.
  public int size() {
    return size;
  }

  /// Whether an item is known to belong to another.
  public boolean positive(int anchor, int other) {
    return cells[anchor * size + other] == POSITIVE;
  }

  /// Whether an item is known not to belong to another.
  public boolean negative(int anchor, int other) {
    return cells[anchor * size + other] == NEGATIVE;
  }
}
