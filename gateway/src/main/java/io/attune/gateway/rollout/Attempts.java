package io.attune.gateway.rollout;

import io.attune.gateway.rollout.record.GateRecord;
import io.attune.gateway.rollout.record.RolloutRecord;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// How often a gate was tried: who tries often enough on one set of queries passes by chance, so
/// each further candidate must show more.
///
/// A set of queries that has grown to twice its size is another one: half of it is new. A candidate
/// that is tried again on the same set is the same attempt.
final class Attempts {
  private Attempts() {}

  /// The how-manieth attempt a candidate is.
  ///
  /// @param rollouts all of the model so far, the oldest first
  /// @param version the candidate's
  /// @param queries how many it is judged by
  static int of(List<RolloutRecord> rollouts, int version, long queries) {
    Set<Integer> tried = new LinkedHashSet<>();
    long first = 0;
    for (RolloutRecord each : rollouts) {
      GateRecord gate = each.gate();
      if (gate != null && gate.queries() > 0) {
        if (gate.queries() >= 2 * first) {
          tried.clear();
          first = gate.queries();
        }
        tried.add(each.to());
      }
    }
    if (queries >= 2 * first) {
      return 1;
    }
    tried.add(version);
    return List.copyOf(tried).indexOf(version) + 1;
  }
}
