package io.attune.runtime.admin;

import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.error.ErrorBorder;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCall.Listener;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/// Refuses calls without the token.
final class TokenCheck implements ServerInterceptor {
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  private final byte[] expected;

  TokenCheck(String token) {
    this.expected = ("Bearer " + token).getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public <Q, R> Listener<Q> interceptCall(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    if (isRight(headers.get(AUTHORIZATION))) {
      return next.startCall(call, headers);
    }
    FlowException refused =
        new FlowException(
            ErrorCode.UNAUTHENTICATED,
            "authorization: not the admin token (expected: Bearer and the token)");
    call.close(ErrorBorder.refusal(refused).getStatus(), new Metadata());
    return new Listener<>() {};
  }

  /// In a time that does not depend on how much of it is right.
  private boolean isRight(@Nullable String given) {
    return given != null && MessageDigest.isEqual(given.getBytes(StandardCharsets.UTF_8), expected);
  }
}
