package io.attune.gateway.rollout;

import io.attune.gateway.rollout.record.GateRecord;
import io.attune.gateway.rollout.record.PastRecord;
import io.attune.gateway.rollout.record.RolloutRecord;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// How often a gate was tried: who tries often enough on one set of queries passes by chance, so
/// each further candidate must show more.
///
/// A set is the newest of the queries that are held out, [Judge#MOST_QUERIES] at most. Once half of
/// it was held out after an attempt began it, it is another one: a small set when it has grown to
/// twice its size, a large one however many were held out before. A candidate that is tried again
/// on the same set is the same attempt.
///
/// @param queries how many were held out when the set was new; 0 for none
/// @param tried the candidates that were judged by it, the first first
record Attempts(long queries, List<Integer> tried) {
  Attempts {
    tried = List.copyOf(tried);
  }

  /// All attempts so far.
  ///
  /// @param past what is kept of the rollouts that are gone
  /// @param rollouts all that are there
  static Attempts of(PastRecord past, List<RolloutRecord> rollouts) {
    Attempts all = new Attempts(past.queries(), past.tried());
    List<RolloutRecord> later =
        rollouts.stream()
            .filter(each -> each.epoch() > past.epoch())
            .sorted(Comparator.comparingLong(RolloutRecord::epoch))
            .toList();
    for (RolloutRecord each : later) {
      all = all.with(each);
    }
    return all;
  }

  private Attempts with(RolloutRecord rollout) {
    GateRecord gate = rollout.gate();
    if (gate == null || gate.queries() == 0) {
      return this;
    }
    return judged(rollout.to(), gate.heldOut() == 0 ? gate.queries() : gate.heldOut());
  }

  private Attempts judged(int version, long heldOut) {
    if (2 * (heldOut - queries) >= Math.min(heldOut, Judge.MOST_QUERIES)) {
      return new Attempts(heldOut, List.of(version));
    }
    if (tried.contains(version)) {
      return this;
    }
    List<Integer> more = new ArrayList<>(tried);
    more.add(version);
    return new Attempts(queries, more);
  }

  /// The how-manieth attempt a candidate is.
  ///
  /// @param version the candidate's
  /// @param heldOut how many queries are held out, of which the newest judge it
  int next(int version, long heldOut) {
    return judged(version, heldOut).tried().indexOf(version) + 1;
  }
}
