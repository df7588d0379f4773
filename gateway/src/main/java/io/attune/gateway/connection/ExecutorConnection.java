package io.attune.gateway.connection;

import com.google.protobuf.Empty;
import io.attune.gateway.message.Envelope;
import io.attune.gateway.message.EnvelopeList;
import io.attune.gateway.message.Wire;
import io.attune.gateway.router.Backend;
import io.attune.proto.jina.EndpointsProto;
import io.attune.proto.jina.JinaDataRequestRPCGrpc;
import io.attune.proto.jina.JinaDiscoverEndpointsRPCGrpc;
import io.attune.proto.jina.JinaSingleDataRequestRPCGrpc;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// An executor as the gateway calls it: its replicas in turn, and another one where a replica
/// cannot be reached.
///
/// A call that ends as UNAVAILABLE is tried again, with the replica that follows; a replica that
/// was tried before is waited for a moment first. Nothing else is retried: a call that took too
/// long would only add load to what is slow.
public final class ExecutorConnection implements Backend, AutoCloseable {
  private static final MethodDescriptor<Envelope, byte[]> SINGLE =
      JinaSingleDataRequestRPCGrpc.getProcessSingleDataMethod().toBuilder(Wire.ENVELOPE, Wire.BYTES)
          .build();
  private static final MethodDescriptor<EnvelopeList, byte[]> SEVERAL =
      JinaDataRequestRPCGrpc.getProcessDataMethod().toBuilder(Wire.ENVELOPES, Wire.BYTES).build();

  /// Waiting before each further round over all replicas, times the number of the round.
  private static final long ROUND_WAIT_MILLIS = 100;

  private final String name;
  private final List<Replica> replicas;
  private final Policy policy;
  private final AtomicInteger turn = new AtomicInteger();

  /// How calls are made.
  ///
  /// @param retries how many further tries a call has after the first; -1 for as many as there are
  ///   replicas, and at least 3
  /// @param timeout how long a try may take; null for as long as the caller waits
  /// @param metadata what is sent with every call
  public record Policy(int retries, @Nullable Duration timeout, Metadata metadata) {
    /// Jina's defaults.
    public static Policy standard() {
      return new Policy(-1, null, new Metadata());
    }
  }

  public ExecutorConnection(String name, List<Replica> replicas, Policy policy) {
    if (replicas.isEmpty()) {
      throw new IllegalArgumentException(name + ": no replica (expected: at least one)");
    }
    this.name = name;
    this.replicas = List.copyOf(replicas);
    this.policy = policy;
  }

  /// The executor's name.
  public String name() {
    return name;
  }

  @Override
  public String address() {
    return replicas.stream().map(Replica::address).collect(Collectors.joining(", "));
  }

  @Override
  public void call(List<Envelope> parts, Metadata headers, Reply reply) {
    headers.merge(policy.metadata());
    int first = Math.floorMod(turn.getAndIncrement(), replicas.size());
    int tries = 1 + (policy.retries() < 0 ? Math.max(3, replicas.size()) : policy.retries());
    new Attempt(parts, headers, reply, first, tries).start();
  }

  /// Asks a replica for its endpoints; blocks.
  ///
  /// @throws io.grpc.StatusRuntimeException where it does not answer
  public EndpointsProto discover(Duration atMost) {
    Replica replica = replicas.get(Math.floorMod(turn.getAndIncrement(), replicas.size()));
    replica.channel().resetConnectBackoff();
    return JinaDiscoverEndpointsRPCGrpc.newBlockingStub(replica.channel())
        .withDeadlineAfter(atMost.toNanos(), TimeUnit.NANOSECONDS)
        .endpointDiscovery(Empty.getDefaultInstance());
  }

  /// Closes the channels; calls under way are cancelled.
  @Override
  public void close() {
    replicas.forEach(replica -> replica.channel().shutdownNow());
  }

  /// One call with its tries, which follow each other and so need no guard.
  private final class Attempt extends ClientCall.Listener<byte[]> {
    private final List<Envelope> parts;
    private final Metadata headers;
    private final Reply reply;
    private final int first;
    private final int tries;
    private final Context context = Context.current();
    private int tried;
    private byte @Nullable [] answer;

    Attempt(List<Envelope> parts, Metadata headers, Reply reply, int first, int tries) {
      this.parts = parts;
      this.headers = headers;
      this.reply = reply;
      this.first = first;
      this.tries = tries;
    }

    void start() {
      answer = null;
      Replica replica = replicas.get((first + tried) % replicas.size());
      tried++;
      CallOptions options = CallOptions.DEFAULT;
      Duration timeout = policy.timeout();
      if (timeout != null) {
        options = options.withDeadlineAfter(timeout.toNanos(), TimeUnit.NANOSECONDS);
      }
      if (parts.size() == 1) {
        send(replica.channel().newCall(SINGLE, options), parts.getFirst());
      } else {
        send(replica.channel().newCall(SEVERAL, options), new EnvelopeList(parts));
      }
    }

    private <Q> void send(ClientCall<Q, byte[]> call, Q message) {
      Metadata own = new Metadata();
      own.merge(headers);
      call.start(this, own);
      call.request(2); // one message and, where a peer misbehaves, the news of a second one
      call.sendMessage(message);
      call.halfClose();
    }

    @Override
    public void onMessage(byte[] message) {
      answer = message;
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      byte[] message = answer;
      if (status.isOk() && message != null) {
        reply.answered(message, trailers);
      } else if (status.isOk()) {
        reply.failed(Status.INTERNAL.withDescription("the call ended without an answer"));
      } else if (status.getCode() == Status.Code.UNAVAILABLE
          && tried < tries
          && !context.isCancelled()) {
        again();
      } else {
        reply.failed(told(status));
      }
    }

    private void again() {
      int rounds = tried / replicas.size();
      if (rounds == 0) {
        context.run(this::start);
        return;
      }
      Executor later =
          CompletableFuture.delayedExecutor(
              rounds * ROUND_WAIT_MILLIS, TimeUnit.MILLISECONDS, Runnable::run);
      later.execute(
          context.wrap(() -> {
            replicas.get((first + tried) % replicas.size()).channel().resetConnectBackoff();
            start();
          }));
    }

    private Status told(Status status) {
      return tried > 1 && status.getCode() == Status.Code.UNAVAILABLE
          ? status.augmentDescription("after %d tries".formatted(tried))
          : status;
    }
  }
}
