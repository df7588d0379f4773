package io.attune.gateway.router;

import java.time.Duration;

/// How much a gateway lets in at a time, over all ports and streams.
///
/// @param maxRequestsInFlight requests, 1..; default 4,096
/// @param maxBytesInFlight bytes of documents, 1..; default a quarter of the heap
/// @param shadowTime how long a search that is asked again only to compare may take; default 30 s
public record RouterLimits(int maxRequestsInFlight, long maxBytesInFlight, Duration shadowTime) {
  private static final Duration SHADOW_TIME = Duration.ofSeconds(30);

  public RouterLimits {
    if (maxRequestsInFlight < 1) {
      throw new IllegalArgumentException(
          "maxRequestsInFlight: " + maxRequestsInFlight + " (expected: 1..)");
    }
    if (maxBytesInFlight < 1) {
      throw new IllegalArgumentException(
          "maxBytesInFlight: " + maxBytesInFlight + " (expected: 1..)");
    }
    if (!shadowTime.isPositive()) {
      throw new IllegalArgumentException("shadowTime: " + shadowTime + " (expected: above 0)");
    }
  }

  /// Limits of what is let in; the rest is standard.
  public RouterLimits(int maxRequestsInFlight, long maxBytesInFlight) {
    this(maxRequestsInFlight, maxBytesInFlight, SHADOW_TIME);
  }

  /// The limits where nothing else is asked for.
  public static RouterLimits standard() {
    return new RouterLimits(4096, Runtime.getRuntime().maxMemory() / 4);
  }
}
