package io.attune.runtime.server;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerCall;
import io.grpc.ServerCall.Listener;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Calls that never end by themselves (health's Watch, reflection), so that draining can end them.
final class EndlessCalls implements ServerInterceptor {
  private final Set<Endless<?, ?>> open = ConcurrentHashMap.newKeySet();

  @Override
  public <Q, R> Listener<Q> interceptCall(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    if (call.getMethodDescriptor().getType() == MethodType.UNARY) {
      return next.startCall(call, headers);
    }
    Endless<Q, R> endless = new Endless<>(call);
    open.add(endless);
    Listener<Q> listener = next.startCall(endless, headers);
    return new io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener<>(listener) {
      @Override
      public void onCancel() {
        open.remove(endless);
        super.onCancel();
      }

      @Override
      public void onComplete() {
        open.remove(endless);
        super.onComplete();
      }
    };
  }

  /// Ends them all.
  void end() {
    open.forEach(Endless::end);
    open.clear();
  }

  /// A call that is closed once, by its service or from outside.
  private static final class Endless<Q, R> extends SimpleForwardingServerCall<Q, R> {
    private boolean closed;

    Endless(ServerCall<Q, R> call) {
      super(call);
    }

    void end() {
      close(Status.OK, new Metadata());
    }

    @Override
    public synchronized void sendMessage(R message) {
      if (!closed) {
        super.sendMessage(message);
      }
    }

    @Override
    public synchronized void close(Status status, Metadata trailers) {
      if (!closed) {
        closed = true;
        super.close(status, trailers);
      }
    }
  }
}
