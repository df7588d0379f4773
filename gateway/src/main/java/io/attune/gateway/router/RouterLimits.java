package io.attune.gateway.router;

/// How much a gateway lets in at a time, over all ports and streams.
///
/// @param maxRequestsInFlight requests, 1..; default 4,096
/// @param maxBytesInFlight bytes of documents, 1..; default a quarter of the heap
public record RouterLimits(int maxRequestsInFlight, long maxBytesInFlight) {
  public RouterLimits {
    if (maxRequestsInFlight < 1) {
      throw new IllegalArgumentException(
          "maxRequestsInFlight: " + maxRequestsInFlight + " (expected: 1..)");
    }
    if (maxBytesInFlight < 1) {
      throw new IllegalArgumentException(
          "maxBytesInFlight: " + maxBytesInFlight + " (expected: 1..)");
    }
  }

  /// The limits where nothing else is asked for.
  public static RouterLimits standard() {
    return new RouterLimits(4096, Runtime.getRuntime().maxMemory() / 4);
  }
}
