package io.attune.flows.config;

import io.attune.flows.yaml.Keys;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// How long to wait, and how often to try.
///
/// @param timeoutReady `timeout_ready`, default 600000 ms: how long to wait until it is ready; -1
///   for ever, which is null here
/// @param timeoutSend `timeout_send`, in ms, default unset: how long a call may take; -1 for no
///   limit, which is zero here
/// @param timeoutCtrl `timeout_ctrl`, default 60 s: how long a control call may take
/// @param retries `retries`, default -1: further tries of a call after the first; -1 for one per
///   replica, at least 3
public record TimingConfig(
    @Nullable Duration timeoutReady,
    @Nullable Duration timeoutSend,
    Duration timeoutCtrl,
    int retries) {
  private static final int READY_MILLIS = 600_000;

  static TimingConfig read(Keys keys) {
    int ready = keys.integer("timeout_ready", READY_MILLIS, -1, Integer.MAX_VALUE);
    Integer send = keys.integer("timeout_send", -1, Integer.MAX_VALUE);
    if (send != null && send == 0) {
      keys.error("timeout_send", "0", "-1 for no limit, or 1 or more");
    }
    return new TimingConfig(
        ready < 0 ? null : Duration.ofMillis(ready),
        send == null ? null : Duration.ofMillis(Math.max(0, send)),
        Duration.ofSeconds(keys.integer("timeout_ctrl", 60, 1, 86_400)),
        keys.integer("retries", -1, -1, 1000));
  }
}
