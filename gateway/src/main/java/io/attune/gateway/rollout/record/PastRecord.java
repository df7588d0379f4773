package io.attune.gateway.rollout.record;

import java.util.List;

/// What is kept of those rollouts of a model whose records were removed.
///
/// @param epoch the greatest of those that the gate was asked about: what it found up to that one
///   is counted here
/// @param queries how many there were when the set of queries was new that `tried` were judged by;
///   0 for none
/// @param tried the versions that were judged by that set, the first first
/// @param requests what callers named them, the newest last
public record PastRecord(
    String model, long epoch, long queries, List<Integer> tried, List<String> requests) {
  public PastRecord {
    tried = List.copyOf(tried);
    requests = List.copyOf(requests);
  }

  /// Before any was removed.
  public static PastRecord none(String model) {
    return new PastRecord(model, 0, 0, List.of(), List.of());
  }
}
