package io.attune.indexer.log;

import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.util.Locale;

/// What callers are told of a write that the disk did not take, and that was undone.
public final class FailedWrite {
  private FailedWrite() {}

  /// RESOURCE_EXHAUSTED where the disk is full, else UNAVAILABLE.
  ///
  /// @param what what was written
  public static FlowException of(String what, Exception cause) {
    String message = String.valueOf(cause.getMessage());
    String lower = message.toLowerCase(Locale.ROOT);
    boolean isFull = lower.contains("space") || lower.contains("quota");
    return new FlowException(
        isFull ? ErrorCode.RESOURCE_EXHAUSTED : ErrorCode.UNAVAILABLE,
        "%s: writing failed: %s (expected: a disk with space and in order; nothing of this request was stored)"
            .formatted(what, message),
        cause);
  }
}
