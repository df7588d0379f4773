package io.attune.runtime.channel;

import io.attune.runtime.FlowException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// Says, as the cause of a [FlowException], that a connection broke while the replica behind it had
/// the request and had not answered: the process may have ended because of the request. Where a
/// replica could not be reached, or refused, it does not say so.
public final class BrokenConnectionException extends IOException {
  private static final long serialVersionUID = 1L;

  public BrokenConnectionException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /// Whether a failed call broke a connection, in any of its tries.
  public static boolean isCauseOf(FlowException failure) {
    return failure.getCause() instanceof BrokenConnectionException;
  }
}
