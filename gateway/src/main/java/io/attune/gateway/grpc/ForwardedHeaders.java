package io.attune.gateway.grpc;

import io.attune.gateway.router.Inbound;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCall.Listener;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;

/// Keeps what executors get of a caller's metadata in the call's context.
final class ForwardedHeaders implements ServerInterceptor {
  private static final Metadata NONE = new Metadata();

  /// The metadata; must not be changed.
  static final Context.Key<Metadata> CURRENT = Context.keyWithDefault("attune-forwarded", NONE);

  @Override
  public <Q, R> Listener<Q> interceptCall(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    Metadata forwarded = Inbound.forwarded(headers);
    if (forwarded.keys().isEmpty()) {
      return next.startCall(call, headers);
    }
    return Contexts.interceptCall(
        Context.current().withValue(CURRENT, forwarded), call, headers, next);
  }
}
