package io.attune.gateway.rollout.trial;

import io.attune.proto.attune.VersionCount;

/// The searches of one version: how many, how many failed, and how long the others took.
final class Tally {
  // guarded by this
  private final Latencies latencies = new Latencies();
  private long searches;
  private long errors;

  synchronized void add(boolean isAnswered, long nanos) {
    searches++;
    if (isAnswered) {
      latencies.add(nanos);
    } else {
      errors++;
    }
  }

  synchronized VersionCount count() {
    return VersionCount.newBuilder()
        .setSearches(searches)
        .setErrors(errors)
        .setLatencies(latencies.encoded())
        .build();
  }
}
