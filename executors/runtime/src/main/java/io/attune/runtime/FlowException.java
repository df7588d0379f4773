package io.attune.runtime;

import org.jspecify.annotations.Nullable;

/// The one failure that crosses a border of Attune: a code for programs and a message for people.
///
/// Messages read `value: what it was (expected: what it must be)`, lower-case, without a full stop.
public final class FlowException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final ErrorCode code;

  public FlowException(ErrorCode code, String message) {
    this(code, message, null);
  }

  public FlowException(ErrorCode code, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.code = code;
  }

  /// Bad input of a caller.
  public static FlowException invalid(String message) {
    return new FlowException(ErrorCode.INVALID_ARGUMENT, message);
  }

  public ErrorCode code() {
    return code;
  }
}
