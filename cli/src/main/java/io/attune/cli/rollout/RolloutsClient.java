package io.attune.cli.rollout;

import io.attune.cli.client.AdminChannel;
import io.attune.proto.attune.ListRolloutsRequest;
import io.attune.proto.attune.ListRolloutsResponse;
import io.attune.proto.attune.RollbackRequest;
import io.attune.proto.attune.Rollout;
import io.attune.proto.attune.RolloutRequest;
import io.attune.proto.attune.RolloutsGrpc;
import io.attune.proto.attune.RolloutsGrpc.RolloutsBlockingStub;
import io.attune.proto.attune.StartRolloutRequest;
import io.attune.proto.attune.ThrottleRolloutRequest;
import java.util.Iterator;
import java.util.function.BiFunction;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// The rollouts of a running Flow, over the service `attune.Rollouts` of its admin port.
public final class RolloutsClient implements AutoCloseable {
  private final AdminChannel channel;
  private final RolloutsBlockingStub stub;

  /// @param address `host:port`, or `grpcs://host:port` for TLS
  /// @param token what the Flow asks for; null for nothing
  public RolloutsClient(String address, @Nullable String token) {
    this.channel = new AdminChannel(address, token);
    this.stub = RolloutsGrpc.newBlockingStub(channel.calls());
  }

  public Rollout start(StartRolloutRequest request) {
    return channel.ask(() -> stub.start(request));
  }

  Rollout rollback(String model, boolean force) {
    return channel.ask(
        () -> stub.rollback(RollbackRequest.newBuilder().setModel(model).setForce(force).build()));
  }

  ListRolloutsResponse list(String model) {
    return channel.ask(() -> stub.list(ListRolloutsRequest.newBuilder().setModel(model).build()));
  }

  Rollout throttle(String rollout, double perSecond) {
    return channel.ask(() ->
        stub.throttle(
            ThrottleRolloutRequest.newBuilder()
                .setRollout(rollout)
                .setDocumentsPerSecond(perSecond)
                .build()));
  }

  /// Asks for one of the methods that take a rollout's name and answer the rollout.
  Rollout on(String rollout, BiFunction<RolloutsBlockingStub, RolloutRequest, Rollout> method) {
    return channel.ask(
        () -> method.apply(stub, RolloutRequest.newBuilder().setRollout(rollout).build()));
  }

  /// Follows a rollout until a listener has heard enough, or it is over.
  ///
  /// @return what was told last
  Rollout watch(String rollout, Predicate<Rollout> listener) {
    return channel.ask(() -> {
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
    channel.close();
  }
}
