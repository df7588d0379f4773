package io.attune.gateway.grpc;

import java.util.concurrent.atomic.AtomicInteger;

/// How many requests each stream may have under way, so that all streams together stay within what
/// the gateway lets in: a full gateway slows its streams down and refuses none of their requests.
///
/// A stream's window is the least of what its caller asked for (`prefetch`), its share of the
/// places for requests, and its share of the places for bytes at the size of its largest message.
/// Shares are equal and follow the number of open streams; a stream over its share shrinks as it is
/// answered.
final class StreamLimits {
  private final int requests;
  private final long bytes;
  private final int prefetch;
  private final AtomicInteger open = new AtomicInteger();

  /// @param requests the places for all streams
  /// @param bytes the bytes for all streams
  /// @param prefetch the window where a caller does not ask for one; 0 for no limit of its own
  StreamLimits(int requests, long bytes, int prefetch) {
    this.requests = Math.max(1, requests);
    this.bytes = bytes;
    this.prefetch = prefetch;
  }

  void opened() {
    open.incrementAndGet();
  }

  void closed() {
    open.decrementAndGet();
  }

  /// The window of a stream at this moment, at least 1.
  ///
  /// @param asked what its caller asked for; 0 for nothing
  /// @param largest the size of its largest message so far
  int window(int asked, long largest) {
    int streams = Math.max(1, open.get());
    int wanted = asked > 0 ? asked : prefetch > 0 ? prefetch : Integer.MAX_VALUE;
    long ofBytes = bytes / streams / Math.max(1, largest);
    long window = Math.min(Math.min(wanted, requests / streams), ofBytes);
    return (int) Math.max(1, window);
  }
}
