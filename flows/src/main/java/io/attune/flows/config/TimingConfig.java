package io.attune.flows.config;

import io.attune.flows.yaml.Keys;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// How long to wait, and how often to try.
///
/// @param timeoutReady `timeout_ready`, in ms, default unset: how long to wait until it is ready;
///   negative for ever
/// @param timeoutSend `timeout_send`, in ms, default unset: how long a call may take; -1 for no
///   limit, which is zero here
/// @param retries `retries`, default -1: further tries of a call after the first; -1 for one per
///   replica, at least 3
public record TimingConfig(
    @Nullable Duration timeoutReady, @Nullable Duration timeoutSend, int retries) {
  static TimingConfig read(Keys keys) {
    Integer ready = keys.integer("timeout_ready", -1, Integer.MAX_VALUE);
    Integer send = keys.integer("timeout_send", -1, Integer.MAX_VALUE);
    if (send != null && send == 0) {
      keys.error("timeout_send", "0", "-1 for no limit, or 1 or more");
    }
    return new TimingConfig(
        ready == null ? null : Duration.ofMillis(ready),
        send == null ? null : Duration.ofMillis(Math.max(0, send)),
        keys.integer("retries", -1, -1, 1000));
  }
}
