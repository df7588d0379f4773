package io.attune.flows;

import java.time.Duration;

/// Jina's batching of one endpoint: a batch leaves when it is large enough or has waited enough.
///
/// @param preferredBatchSize the number of documents at which a batch leaves
/// @param timeout how long a batch waits for that
/// @param flushAll whether all that waits leaves as one batch, even if it is larger
public record DynamicBatching(int preferredBatchSize, Duration timeout, boolean flushAll) {
  /// How long a batch waits where a file does not say.
  public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(10);

  public DynamicBatching {
    if (preferredBatchSize < 1) {
      throw new IllegalArgumentException(
          "preferred_batch_size: %d (expected: 1 or more)".formatted(preferredBatchSize));
    }
    if (timeout.isNegative()) {
      throw new IllegalArgumentException("timeout: %s (expected: 0 or more)".formatted(timeout));
    }
  }
}
