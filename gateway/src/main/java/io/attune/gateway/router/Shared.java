package io.attune.gateway.router;

import com.google.protobuf.Timestamp;
import io.attune.gateway.graph.Topology;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Executor;

/// What all requests of a gateway share.
///
/// @param topology the graph
/// @param backends how each node's executor is called, by the node's number
/// @param admission what is under way
/// @param metrics what is counted
/// @param clock the time in routes
/// @param merging where documents are merged
record Shared(
    Topology topology,
    List<Backend> backends,
    Admission admission,
    GatewayMetrics metrics,
    InstantSource clock,
    Executor merging) {
  Shared {
    backends = List.copyOf(backends);
  }

  /// The time, as routes tell it.
  Timestamp now() {
    Instant now = clock.instant();
    return Timestamp.newBuilder().setSeconds(now.getEpochSecond()).setNanos(now.getNano()).build();
  }
}
