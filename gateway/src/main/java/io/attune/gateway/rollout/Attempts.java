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
/// A set of queries that has grown to twice its size is another one: half of it is new. A candidate
/// that is tried again on the same set is the same attempt.
///
/// @param queries how many there were when the set was new; 0 for none
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
    return gate == null || gate.queries() == 0 ? this : judged(rollout.to(), gate.queries());
  }

  private Attempts judged(int version, long by) {
    if (by >= 2 * queries) {
      return new Attempts(by, List.of(version));
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
  /// @param by how many queries it is judged by
  int next(int version, long by) {
    return judged(version, by).tried().indexOf(version) + 1;
  }
}
