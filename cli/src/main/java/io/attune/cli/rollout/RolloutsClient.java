package io.attune.cli.rollout;

import io.attune.cli.client.FlowClient;
import io.attune.proto.attune.ListRolloutsRequest;
import io.attune.proto.attune.ListRolloutsResponse;
import io.attune.proto.attune.RollbackRequest;
import io.attune.proto.attune.Rollout;
import io.attune.proto.attune.RolloutRequest;
import io.attune.proto.attune.RolloutsGrpc;
import io.attune.proto.attune.RolloutsGrpc.RolloutsBlockingStub;
import io.attune.proto.attune.StartRolloutRequest;
import io.attune.proto.attune.ThrottleRolloutRequest;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.channel.Address;
import io.attune.runtime.channel.Address.Scheme;
import io.attune.runtime.error.Failures;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.TlsChannelCredentials;
import io.grpc.stub.MetadataUtils;
import java.util.Iterator;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The rollouts of a running Flow, over the service `attune.Rollouts` of its admin port.
public final class RolloutsClient implements AutoCloseable {
  private final String address;
  private final ManagedChannel channel;
  private final RolloutsBlockingStub stub;

  /// @param address `host:port`, or `grpcs://host:port` for TLS
  /// @param token what the Flow asks for; null for nothing
  public RolloutsClient(String address, @Nullable String token) {
    Address parsed = Address.parse(address);
    this.address = address;
    this.channel =
        Grpc.newChannelBuilder(
                parsed.target(),
                parsed.scheme() == Scheme.GRPCS
                    ? TlsChannelCredentials.create()
                    : InsecureChannelCredentials.create())
            .build();
    Metadata headers = new Metadata();
    if (token != null) {
      headers.put(
          Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + token);
    }
    this.stub =
        RolloutsGrpc.newBlockingStub(channel)
            .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  private <T> T ask(Supplier<T> question) {
    try {
      return question.get();
    } catch (StatusRuntimeException failure) {
      FlowException told = Failures.from(failure);
      throw told.code() == ErrorCode.UNAVAILABLE
          ? new FlowException(told.code(), address + ": " + FlowClient.messageOf(failure), failure)
          : told;
    }
  }

  public Rollout start(StartRolloutRequest request) {
    return ask(() -> stub.start(request));
  }

  Rollout rollback(String model) {
    return ask(() -> stub.rollback(RollbackRequest.newBuilder().setModel(model).build()));
  }

  ListRolloutsResponse list(String model) {
    return ask(() -> stub.list(ListRolloutsRequest.newBuilder().setModel(model).build()));
  }

  Rollout throttle(String rollout, double perSecond) {
    return ask(() ->
        stub.throttle(
            ThrottleRolloutRequest.newBuilder()
                .setRollout(rollout)
                .setDocumentsPerSecond(perSecond)
                .build()));
  }

  /// Asks for one of the methods that take a rollout's name and answer the rollout.
  Rollout on(String rollout, BiFunction<RolloutsBlockingStub, RolloutRequest, Rollout> method) {
    return ask(() -> method.apply(stub, RolloutRequest.newBuilder().setRollout(rollout).build()));
  }

  /// Follows a rollout until a listener has heard enough, or it is over.
  ///
  /// @return what was told last
  Rollout watch(String rollout, Predicate<Rollout> listener) {
    return ask(() -> {
      Iterator<Rollout> told = stub.watch(RolloutRequest.newBuilder().setRollout(rollout).build());
      Rollout last = Rollout.getDefaultInstance();
      boolean enough = false;
      while (!enough && told.hasNext()) {
        last = told.next();
        enough = listener.test(last);
      }
      return last;
    });
  }

  @Override
  public void close() {
    channel.shutdownNow();
    try {
      channel.awaitTermination(5, TimeUnit.SECONDS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
