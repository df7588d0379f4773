package io.attune.runtime.error;

import io.attune.runtime.CallMetadata;
import io.attune.runtime.FlowException;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCall.Listener;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The border of a server: reads the call's metadata, and is the only place that builds a gRPC
/// status out of a failure.
///
/// A service fails a call with `observer.onError(flowException)`, and marks the answer of a unary
/// call as an error with [#markError].
public final class ErrorBorder implements ServerInterceptor {
  private static final Logger log = LoggerFactory.getLogger(ErrorBorder.class);
  private static final Context.Key<AtomicBoolean> ERROR = Context.key("attune-is-error");

  /// Adds the trailer `is-error` to the unary call being served.
  public static void markError() {
    AtomicBoolean error = ERROR.get();
    if (error != null) {
      error.set(true);
    }
  }

  @Override
  public <Q, R> Listener<Q> interceptCall(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    AtomicBoolean error = new AtomicBoolean();
    ServerCall<Q, R> border = new TranslatingCall<>(call, error);
    CallMetadata metadata;
    try {
      metadata = CallMetadata.from(headers);
    } catch (FlowException refused) {
      call.close(status(refused), new Metadata());
      return new Listener<>() {};
    }
    Context context = Context.current().withValues(CallMetadata.CURRENT, metadata, ERROR, error);
    return new CatchingListener<>(Contexts.interceptCall(context, border, headers, next), border);
  }

  private static Status status(FlowException failure) {
    return Status.fromCode(failure.code().grpc())
        .withDescription(failure.getMessage())
        .withCause(failure);
  }

  private static final class TranslatingCall<Q, R> extends SimpleForwardingServerCall<Q, R> {
    private final AtomicBoolean error;

    TranslatingCall(ServerCall<Q, R> call, AtomicBoolean error) {
      super(call);
      this.error = error;
    }

    @Override
    public void close(Status status, Metadata trailers) {
      if (status.isOk() && error.get()) {
        trailers.put(CallMetadata.IS_ERROR, "true");
      }
      Throwable cause = status.getCause();
      super.close(cause instanceof FlowException failure ? status(failure) : status, trailers);
    }
  }

  /// Ends a call with a status where its listener throws, so that no call is left hanging.
  private static final class CatchingListener<Q> extends SimpleForwardingServerCallListener<Q> {
    private final ServerCall<Q, ?> call;

    CatchingListener(Listener<Q> listener, ServerCall<Q, ?> call) {
      super(listener);
      this.call = call;
    }

    @Override
    public void onMessage(Q message) {
      guard(() -> super.onMessage(message));
    }

    @Override
    public void onHalfClose() {
      guard(super::onHalfClose);
    }

    private void guard(Runnable step) {
      try {
        step.run();
      } catch (RuntimeException failure) {
        log.atError()
            .addKeyValue("method", call.getMethodDescriptor().getFullMethodName())
            .setCause(failure)
            .log("call failed outside its handler");
        call.close(status(Failures.from(failure)), new Metadata());
      }
    }
  }
}
