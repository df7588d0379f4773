package io.attune.runtime.batching;

import io.attune.runtime.FlowException;
import java.util.concurrent.CancellationException;

/// Why an item was dropped before it ran.
enum DropReason {
  /// Its deadline passed.
  DEADLINE,
  /// Its caller left.
  CANCELLED,
  /// Another item of its group failed, or the queue was closed.
  FAILED;

  static DropReason of(Throwable reason) {
    if (reason instanceof FlowException flow) {
      return switch (flow.code()) {
        case DEADLINE_EXCEEDED -> DEADLINE;
        case CANCELLED -> CANCELLED;
        default -> FAILED;
      };
    }
    return reason instanceof CancellationException ? CANCELLED : FAILED;
  }
}
