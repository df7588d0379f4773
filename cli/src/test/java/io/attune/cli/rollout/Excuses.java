package io.attune.cli.rollout;

import io.attune.runtime.FlowException;

/// Which failures of requests are expected, so that a client sends the request again.
@FunctionalInterface
interface Excuses {
  /// No failure is.
  Excuses NONE = (_, _) -> false;

  /// Whether this one is.
  ///
  /// @param sentNanos when the request was sent, as [System#nanoTime] has it
  boolean isExcused(long sentNanos, FlowException failure);
}
