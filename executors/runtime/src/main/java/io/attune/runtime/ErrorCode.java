package io.attune.runtime;

import io.grpc.Status;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/// What went wrong, with its total translations: to a gRPC status code, to an HTTP status, and to
/// the way a unary call tells it.
///
/// A *refusal* says that the request was not executed: bad input, overload, a deadline that is
/// over, a version that is not held. On a unary call it is a gRPC status; any other failure is an
/// answer whose header says ERROR, with the trailer `is-error`. On a stream each is an answer.
public enum ErrorCode {
  INVALID_ARGUMENT(Status.Code.INVALID_ARGUMENT, 400, true),
  UNAUTHENTICATED(Status.Code.UNAUTHENTICATED, 401, true),
  PERMISSION_DENIED(Status.Code.PERMISSION_DENIED, 403, true),
  NOT_FOUND(Status.Code.NOT_FOUND, 404, false),
  ALREADY_EXISTS(Status.Code.ALREADY_EXISTS, 409, false),
  FAILED_PRECONDITION(Status.Code.FAILED_PRECONDITION, 412, true),
  RESOURCE_EXHAUSTED(Status.Code.RESOURCE_EXHAUSTED, 429, true),
  CANCELLED(Status.Code.CANCELLED, 499, true),
  INTERNAL(Status.Code.INTERNAL, 500, false),
  DATA_LOSS(Status.Code.DATA_LOSS, 500, false),
  UNIMPLEMENTED(Status.Code.UNIMPLEMENTED, 501, true),
  UNAVAILABLE(Status.Code.UNAVAILABLE, 503, true),
  DEADLINE_EXCEEDED(Status.Code.DEADLINE_EXCEEDED, 504, true);

  private static final Map<Status.Code, ErrorCode> BY_STATUS = new EnumMap<>(Status.Code.class);

  static {
    for (ErrorCode code : values()) {
      BY_STATUS.put(code.grpc, code);
    }
    BY_STATUS.put(Status.Code.OUT_OF_RANGE, INVALID_ARGUMENT);
    BY_STATUS.put(Status.Code.ABORTED, UNAVAILABLE);
    BY_STATUS.put(Status.Code.UNKNOWN, INTERNAL);
  }

  private final Status.Code grpc;
  private final int http;
  private final boolean refusal;

  ErrorCode(Status.Code grpc, int http, boolean refusal) {
    this.grpc = grpc;
    this.http = http;
    this.refusal = refusal;
  }

  /// The error code that a peer's gRPC status means.
  ///
  /// @throws IllegalArgumentException for OK
  public static ErrorCode of(Status.Code status) {
    ErrorCode code = BY_STATUS.get(status);
    if (code == null) {
      throw new IllegalArgumentException("status: " + status + " (expected: a failure)");
    }
    return code;
  }

  /// The error code of a name, as `exception.name` carries it; empty for a peer's own names.
  public static Optional<ErrorCode> named(String name) {
    return Arrays.stream(values()).filter(code -> code.name().equals(name)).findFirst();
  }

  /// The gRPC status code.
  public Status.Code grpc() {
    return grpc;
  }

  /// The HTTP status.
  public int http() {
    return http;
  }

  /// Whether the request was refused before it was executed.
  public boolean refusal() {
    return refusal;
  }
}
