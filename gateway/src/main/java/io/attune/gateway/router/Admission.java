package io.attune.gateway.router;

import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.time.Duration;

/// How much is under way in the whole gateway: bounded in requests and in bytes, over all ports.
///
/// What does not fit is refused at once. A single request always fits, however large, so that the
/// size limit of messages alone decides about it.
final class Admission {
  private final int maxRequests;
  private final long maxBytes;
  private int requests;
  private long bytes;
  private boolean draining;

  Admission(int maxRequests, long maxBytes) {
    this.maxRequests = maxRequests;
    this.maxBytes = maxBytes;
  }

  /// Takes a place.
  ///
  /// @throws FlowException where there is none, or the gateway is stopping
  synchronized void enter(long size) {
    if (draining) {
      throw new FlowException(ErrorCode.UNAVAILABLE, "gateway: stopping (expected: running)");
    }
    if (requests >= maxRequests) {
      throw new FlowException(
          ErrorCode.RESOURCE_EXHAUSTED,
          "requests in flight: %d (expected: at most %d)".formatted(requests + 1, maxRequests));
    }
    if (requests > 0 && bytes + size > maxBytes) {
      throw new FlowException(
          ErrorCode.RESOURCE_EXHAUSTED,
          "bytes in flight: %d (expected: at most %d)".formatted(bytes + size, maxBytes));
    }
    requests++;
    bytes += size;
  }

  /// Takes a place for work that belongs to a request already admitted.
  synchronized void enterAlways() {
    requests++;
  }

  /// Gives a place back.
  synchronized void leave(long size) {
    requests--;
    bytes -= size;
    if (requests == 0) {
      notifyAll();
    }
  }

  synchronized int requests() {
    return requests;
  }

  /// Refuses from now on.
  synchronized void drain() {
    draining = true;
  }

  /// Waits until nothing is under way.
  ///
  /// @return whether that came about in time
  synchronized boolean awaitEmpty(Duration atMost) throws InterruptedException {
    long end = System.nanoTime() + atMost.toNanos();
    while (requests > 0) {
      long left = (end - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        return false;
      }
      wait(left);
    }
    return true;
  }
}
