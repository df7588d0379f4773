package io.attune.runtime.channel;

import com.google.protobuf.ByteString;
import com.google.protobuf.Empty;
import com.google.protobuf.InvalidProtocolBufferException;
import io.attune.proto.jina.DataRequestProto;
import io.attune.proto.jina.JinaDiscoverEndpointsRPCGrpc;
import io.attune.proto.jina.JinaInfoProto;
import io.attune.proto.jina.JinaInfoRPCGrpc;
import io.attune.runtime.CallMetadata;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.error.Failures;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The way to one executor (or gateway) of one or more replicas. Safe for use by several threads.
///
/// A call goes to the replicas in turn. Where one is not reached, refuses as UNAVAILABLE (it does
/// not hold the version, it is stopping) or exceeds `timeout_send`, the next one is tried, those
/// not tried yet first; after each was tried once there is a short pause before each further try.
/// The caller's own deadline and cancellation, taken from the current [io.grpc.Context], end it.
/// Where a connection broke under the request, [BrokenConnectionException] is the failure's cause.
public final class ExecutorChannel implements AutoCloseable {
  private static final Duration CONTROL_TIME = Duration.ofSeconds(10);
  private static final long READY_POLL_MILLIS = 50;

  private final String name;
  private final List<Replica> replicas;
  private final ChannelOptions options;
  private final AtomicInteger turn = new AtomicInteger();

  private ExecutorChannel(String name, List<Replica> replicas, ChannelOptions options) {
    this.name = name;
    this.replicas = List.copyOf(replicas);
    this.options = options;
  }

  /// Opens the way to an executor; connections are made when they are needed.
  ///
  /// @param name the executor's name, for messages
  /// @param addresses one for each replica
  public static ExecutorChannel open(String name, List<Address> addresses, ChannelOptions options) {
    return open(name, addresses, options, null);
  }

  /// Opens the way to an executor, its connections on given event loops.
  ///
  /// @param loops where they live, closed by whoever made it; null for gRPC's own threads
  public static ExecutorChannel open(
      String name, List<Address> addresses, ChannelOptions options, @Nullable EventLoops loops) {
    if (addresses.isEmpty()) {
      throw FlowException.invalid("addresses of %s: none (expected: 1..)".formatted(name));
    }
    List<Replica> replicas = new ArrayList<>();
    for (Address address : addresses) {
      replicas.add(Replica.open(address, options, loops));
    }
    return new ExecutorChannel(name, replicas, options);
  }

  /// Opens the way to one address with default options; the address is its name.
  public static ExecutorChannel open(String address) {
    return open(address, List.of(Address.parse(address)), ChannelOptions.DEFAULT);
  }

  /// The executor's name.
  public String name() {
    return name;
  }

  /// The addresses of its replicas.
  public List<Address> addresses() {
    return replicas.stream().map(Replica::address).toList();
  }

  /// Sends a DataRequestProto as bytes to `process_single_data`, without blocking.
  ///
  /// The future is completed on a transport's thread: what follows it must not block. It fails with
  /// a [FlowException]; cancelling it cancels the call.
  public CompletableFuture<RawAnswer> send(ByteString request, Metadata headers) {
    return send(RawMethods.SINGLE, request, headers);
  }

  /// Sends a DataRequestListProto as bytes to `process_data`; else as [#send].
  public CompletableFuture<RawAnswer> sendJoined(ByteString requests, Metadata headers) {
    return send(RawMethods.JOINED, requests, headers);
  }

  private CompletableFuture<RawAnswer> send(
      MethodDescriptor<ByteString, ByteString> method, ByteString request, Metadata headers) {
    RetriedCall call =
        new RetriedCall(name, replicas, options, method, request, headers, turn.getAndIncrement());
    return call.start();
  }

  /// Sends a request and waits for the answer.
  ///
  /// @throws FlowException where the call or the executor failed
  public DataRequestProto call(DataRequestProto request, CallMetadata metadata) {
    Metadata headers = new Metadata();
    metadata.writeTo(headers);
    RawAnswer raw = await(send(request.toByteString(), headers));
    try {
      DataRequestProto answer = DataRequestProto.parseFrom(raw.message());
      Failures.in(answer.getHeader().getStatus())
          .ifPresent(failure -> {
            throw failure;
          });
      return answer;
    } catch (InvalidProtocolBufferException failure) {
      throw new FlowException(
          ErrorCode.DATA_LOSS, "%s: an answer that is no message".formatted(name), failure);
    }
  }

  /// Sends a request that says nothing beside its message, and waits for the answer.
  public DataRequestProto call(DataRequestProto request) {
    return call(request, CallMetadata.NONE);
  }

  /// Streams requests through `JinaRPC.Call` and waits until each is answered.
  ///
  /// A request that failed is an answer whose header says ERROR. There are no retries.
  ///
  /// @param requests read no faster than they are answered
  /// @param inFlight how many requests may be without answer
  /// @param answers called for one answer at a time, in the order of arrival, or in that of the
  ///   requests where the metadata asks for it
  /// @throws FlowException where the stream broke
  public void stream(
      Iterator<DataRequestProto> requests,
      int inFlight,
      CallMetadata metadata,
      Consumer<DataRequestProto> answers) {
    Replica replica = replicas.get(Math.floorMod(turn.getAndIncrement(), replicas.size()));
    new StreamedCall(name, replica, inFlight, metadata, answers).run(requests);
  }

  /// Asks for the endpoints.
  public Discovery discover() {
    return Discovery.from(
        control(replica ->
            JinaDiscoverEndpointsRPCGrpc.newBlockingStub(replica.channel())
                .withDeadlineAfter(CONTROL_TIME)
                .endpointDiscovery(Empty.getDefaultInstance())));
  }

  /// Asks for versions and environment.
  public JinaInfoProto info() {
    return control(replica ->
        JinaInfoRPCGrpc.newBlockingStub(replica.channel())
            .withDeadlineAfter(CONTROL_TIME)
            ._status(Empty.getDefaultInstance()));
  }

  /// Whether every replica says SERVING now.
  public boolean serving() {
    return replicas.stream().allMatch(replica -> serving(replica, CONTROL_TIME));
  }

  /// Waits until every replica says SERVING.
  ///
  /// @throws FlowException UNAVAILABLE where one does not within the time
  public void awaitReady(Duration time) {
    long end = System.nanoTime() + time.toNanos();
    for (Replica replica : replicas) {
      while (!serving(replica, Duration.ofSeconds(1))) {
        if (System.nanoTime() - end >= 0) {
          throw new FlowException(
              ErrorCode.UNAVAILABLE,
              "%s: not ready at %s within %d ms (expected: SERVING)"
                  .formatted(name, replica.address(), time.toMillis()));
        }
        pause();
        replica.channel().resetConnectBackoff();
      }
    }
  }

  @Override
  public void close() {
    List<ManagedChannel> channels =
        replicas.stream().flatMap(replica -> replica.channels().stream()).toList();
    channels.forEach(ManagedChannel::shutdown);
    try {
      for (ManagedChannel channel : channels) {
        if (!channel.awaitTermination(1, TimeUnit.SECONDS)) {
          channel.shutdownNow();
        }
      }
    } catch (InterruptedException _) {
      channels.forEach(ManagedChannel::shutdownNow);
      Thread.currentThread().interrupt();
    }
  }

  private <T> T control(Function<Replica, T> question) {
    FlowException last = new FlowException(ErrorCode.UNAVAILABLE, name + ": no replica");
    for (Replica replica : replicas) {
      try {
        return question.apply(replica);
      } catch (StatusRuntimeException failure) {
        FlowException flow = Failures.from(failure);
        last =
            new FlowException(
                flow.code(),
                "%s: %s: %s".formatted(name, replica.address(), flow.getMessage()),
                failure);
      }
    }
    throw last;
  }

  private static boolean serving(Replica replica, Duration limit) {
    try {
      return HealthGrpc.newBlockingStub(replica.channel())
              .withDeadlineAfter(limit)
              .check(HealthCheckRequest.getDefaultInstance())
              .getStatus()
          == ServingStatus.SERVING;
    } catch (StatusRuntimeException _) {
      return false;
    }
  }

  private static void pause() {
    try {
      Thread.sleep(READY_POLL_MILLIS);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw Failures.from(interrupted);
    }
  }

  private static RawAnswer await(CompletableFuture<RawAnswer> answer) {
    try {
      return answer.get();
    } catch (ExecutionException failure) {
      throw Failures.from(failure);
    } catch (InterruptedException interrupted) {
      answer.cancel(true);
      Thread.currentThread().interrupt();
      throw Failures.from(interrupted);
    }
  }
}
