package io.attune.runtime.error;

import com.google.protobuf.InvalidProtocolBufferException;
import io.attune.runtime.CallMetadata;
import io.attune.runtime.FlowException;
import io.grpc.BindableService;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.ServerCall;
import io.grpc.ServerCall.Listener;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The border of a server: reads the call's metadata, and is the only place that builds a gRPC
/// status out of a failure.
///
/// A service fails a call with `observer.onError(ErrorBorder.refusal(failure))`, and marks the
/// answer of a unary call as an error with [#markError].
public final class ErrorBorder implements ServerInterceptor {
  private static final Logger log = LoggerFactory.getLogger(ErrorBorder.class);
  private static final String UNREADABLE =
      "message: bytes that are no message (expected: one as the proto files have it)";
  private static final Context.Key<AtomicBoolean> ERROR = Context.key("attune-is-error");
  private static final Context.Key<Boolean> JINA_GATEWAY =
      Context.keyWithDefault("attune-jina-gateway", false);

  /// Adds the trailer `is-error` to the unary call being served.
  public static void markError() {
    AtomicBoolean error = ERROR.get();
    if (error != null) {
      error.set(true);
    }
  }

  /// A failure for `onError`. Given the failure itself, gRPC would look through its causes for the
  /// status of another call, and tell that one.
  public static StatusRuntimeException refusal(FlowException failure) {
    return status(failure).asRuntimeException();
  }

  /// Whether the call being served comes from a Python Jina gateway or head, which ends its
  /// callers' whole streams over a status it does not retry: it sends the endpoint as metadata, and
  /// nothing of ours.
  public static boolean fromJinaGateway() {
    return JINA_GATEWAY.get();
  }

  /// The service, refusing a request that is no message as bad input: gRPC itself calls it
  /// INTERNAL.
  public static ServerServiceDefinition readable(BindableService service) {
    ServerServiceDefinition bound = service.bindService();
    ServiceDescriptor descriptor = bound.getServiceDescriptor();
    ServiceDescriptor.Builder methods =
        ServiceDescriptor.newBuilder(descriptor.getName())
            .setSchemaDescriptor(descriptor.getSchemaDescriptor());
    List<ServerMethodDefinition<?, ?>> readable = new ArrayList<>();
    for (ServerMethodDefinition<?, ?> method : bound.getMethods()) {
      readable.add(readable(method));
    }
    readable.forEach(method -> methods.addMethod(method.getMethodDescriptor()));
    ServerServiceDefinition.Builder result = ServerServiceDefinition.builder(methods.build());
    readable.forEach(result::addMethod);
    return result.build();
  }

  private static <Q, R> ServerMethodDefinition<Q, R> readable(ServerMethodDefinition<Q, R> method) {
    MethodDescriptor<Q, R> descriptor = method.getMethodDescriptor();
    return ServerMethodDefinition.create(
        descriptor.toBuilder()
            .setRequestMarshaller(new ReadableMarshaller<>(descriptor.getRequestMarshaller()))
            .build(),
        method.getServerCallHandler());
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
    boolean jina =
        headers.containsKey(CallMetadata.ENDPOINT) && !headers.containsKey(CallMetadata.PRIORITY);
    Context context =
        Context.current()
            .withValues(CallMetadata.CURRENT, metadata, ERROR, error, JINA_GATEWAY, jina);
    return new CatchingListener<>(Contexts.interceptCall(context, border, headers, next), border);
  }

  private static Status status(FlowException failure) {
    return Status.fromCode(failure.code().grpc())
        .withDescription(failure.getMessage())
        .withCause(failure);
  }

  /// Ends once; what is said after the end (by methods still under way) is dropped.
  private static final class TranslatingCall<Q, R> extends SimpleForwardingServerCall<Q, R> {
    private final AtomicBoolean error;
    private boolean ended;

    TranslatingCall(ServerCall<Q, R> call, AtomicBoolean error) {
      super(call);
      this.error = error;
    }

    @Override
    public synchronized void sendMessage(R message) {
      if (!ended) {
        super.sendMessage(message);
      }
    }

    @Override
    public synchronized void close(Status status, Metadata trailers) {
      if (ended) {
        return;
      }
      ended = true;
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
    public void onMessage(@Nullable Q message) {
      if (message == null) {
        call.close(status(FlowException.invalid(UNREADABLE)), new Metadata());
        super.onCancel();
      } else {
        guard(() -> super.onMessage(message));
      }
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

  /// Reads bytes that are no message as null, which the [CatchingListener] refuses: what a
  /// marshaller throws never gets as far as an interceptor.
  private record ReadableMarshaller<T>(Marshaller<T> marshaller) implements Marshaller<T> {
    @Override
    public InputStream stream(T message) {
      return marshaller.stream(message);
    }

    @Override
    public @Nullable T parse(InputStream bytes) {
      try {
        return marshaller.parse(bytes);
      } catch (StatusRuntimeException failure) {
        if (failure.getCause() instanceof InvalidProtocolBufferException) {
          return null;
        }
        throw failure;
      }
    }
  }
}
