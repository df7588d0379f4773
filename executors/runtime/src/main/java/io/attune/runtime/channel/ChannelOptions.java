package io.attune.runtime.channel;

import io.attune.runtime.FlowException;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// How an executor is called.
///
/// @param timeoutSend the time limit of each try (Jina's `timeout_send`); null, the default, for
///   none
/// @param retries how often a call is tried again; -1, the default, for max(3, replicas)
/// @param keepAlive how long a connection with calls may be silent before it is pinged, default 10
///   s
/// @param mostMessageBytes the size of the largest answer accepted, default 128 MiB
/// @param trustedCertificates a PEM file with the certificates to trust for `grpcs`; null, the
///   default, for those the JVM trusts
public record ChannelOptions(
    @Nullable Duration timeoutSend,
    int retries,
    Duration keepAlive,
    int mostMessageBytes,
    @Nullable Path trustedCertificates) {
  /// The defaults.
  public static final ChannelOptions DEFAULT =
      new ChannelOptions(null, -1, Duration.ofSeconds(10), 128 << 20, null);

  public ChannelOptions {
    if (timeoutSend != null && !timeoutSend.isPositive()) {
      throw FlowException.invalid(
          "timeout_send: %d ms (expected: 1.. or -1 for none)".formatted(timeoutSend.toMillis()));
    }
    if (retries < -1) {
      throw FlowException.invalid("retries: %d (expected: -1..)".formatted(retries));
    }
    if (mostMessageBytes < 1) {
      throw FlowException.invalid(
          "max_message_bytes: %d (expected: 1..)".formatted(mostMessageBytes));
    }
  }

  /// The same with a time limit for each try, in milliseconds as a Flow has it; -1 for none.
  public ChannelOptions timeoutSendMillis(long millis) {
    Duration limit = millis == -1 ? null : Duration.ofMillis(millis);
    return new ChannelOptions(limit, retries, keepAlive, mostMessageBytes, trustedCertificates);
  }

  /// The same with a number of retries.
  public ChannelOptions retries(int count) {
    return new ChannelOptions(timeoutSend, count, keepAlive, mostMessageBytes, trustedCertificates);
  }

  /// The same with certificates to trust.
  public ChannelOptions trust(Path certificates) {
    return new ChannelOptions(timeoutSend, retries, keepAlive, mostMessageBytes, certificates);
  }

  /// The same with a largest answer.
  public ChannelOptions mostMessageBytes(int bytes) {
    return new ChannelOptions(timeoutSend, retries, keepAlive, bytes, trustedCertificates);
  }

  /// How often a call is tried in all.
  int tries(int replicas) {
    return 1 + (retries >= 0 ? retries : Math.max(3, replicas));
  }
}
