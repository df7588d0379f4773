package io.attune.runtime;

import io.grpc.Status;

/// What went wrong, with its two total translations: to a gRPC status code and to an HTTP status.
public enum ErrorCode {
  INVALID_ARGUMENT(Status.Code.INVALID_ARGUMENT, 400),
  UNAUTHENTICATED(Status.Code.UNAUTHENTICATED, 401),
  PERMISSION_DENIED(Status.Code.PERMISSION_DENIED, 403),
  NOT_FOUND(Status.Code.NOT_FOUND, 404),
  ALREADY_EXISTS(Status.Code.ALREADY_EXISTS, 409),
  FAILED_PRECONDITION(Status.Code.FAILED_PRECONDITION, 412),
  RESOURCE_EXHAUSTED(Status.Code.RESOURCE_EXHAUSTED, 429),
  CANCELLED(Status.Code.CANCELLED, 499),
  INTERNAL(Status.Code.INTERNAL, 500),
  DATA_LOSS(Status.Code.DATA_LOSS, 500),
  UNIMPLEMENTED(Status.Code.UNIMPLEMENTED, 501),
  UNAVAILABLE(Status.Code.UNAVAILABLE, 503),
  DEADLINE_EXCEEDED(Status.Code.DEADLINE_EXCEEDED, 504);

  private final Status.Code grpc;
  private final int http;

  ErrorCode(Status.Code grpc, int http) {
    this.grpc = grpc;
    this.http = http;
  }

  /// The gRPC status code.
  public Status.Code grpc() {
    return grpc;
  }

  /// The HTTP status.
  public int http() {
    return http;
  }
}
