package io.attune.trainer.data;

import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;

/// Errors of data: the place, what it is and what is expected.
final class DataErrors {
  private static final int MOST_QUOTED = 60;

  private DataErrors() {}

  static FlowException invalid(String message) {
    return FlowException.invalid(message);
  }

  static FlowException at(String place, String problem) {
    return FlowException.invalid(place + ": " + problem);
  }

  /// A file that says something wrong; the cause names file and line.
  static FlowException invalid(IllegalArgumentException cause) {
    return new FlowException(ErrorCode.INVALID_ARGUMENT, String.valueOf(cause.getMessage()), cause);
  }

  static FlowException unreadable(String name, Exception cause) {
    return new FlowException(
        ErrorCode.INVALID_ARGUMENT, name + ": cannot be read: " + cause.getMessage(), cause);
  }

  /// A text as messages quote it.
  static String quoted(String text) {
    String line = text.strip().replaceAll("\\s+", " ");
    return '"' + (line.length() <= MOST_QUOTED ? line : line.substring(0, MOST_QUOTED) + "…") + '"';
  }
}
