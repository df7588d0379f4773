package io.attune.gateway.rollout;

/// How long a gateway stamps requests.
///
/// @param isLimited whether the end counts
/// @param endNanos as [System#nanoTime] has it
/// @param reason why it does not afterwards
record Opening(boolean isLimited, long endNanos, String reason) {
  static final Opening ALWAYS = new Opening(false, 0, "");

  boolean isOpen(long nanos) {
    return !isLimited || nanos - endNanos < 0;
  }
}
