package io.attune.benchmarks.rollout;

import com.google.protobuf.Timestamp;
import io.attune.benchmarks.ChildJvm;
import io.attune.flows.FlowPlan;
import io.attune.flows.Flows;
import io.attune.gateway.embedded.EmbeddedFlow;
import io.attune.models.DefaultModel;
import io.attune.proto.attune.RollbackRequest;
import io.attune.proto.attune.Rollout;
import io.attune.proto.attune.RolloutOptions;
import io.attune.proto.attune.RolloutRequest;
import io.attune.proto.attune.RolloutState;
import io.attune.proto.attune.RolloutStep;
import io.attune.proto.attune.RolloutsGrpc;
import io.attune.proto.attune.RolloutsGrpc.RolloutsBlockingStub;
import io.attune.proto.attune.StartRolloutRequest;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Map;

/// A Flow of encoder and indexer behind its gateway, in a JVM of its own with the options of
/// `./attune`, whose encoder begins with version 1 of the default model.
final class ServedFlow implements AutoCloseable {
  private static final int DRAIN_SECONDS = 600;

  private final ChildJvm child;
  private final ManagedChannel channel;
  private final ManagedChannel admin;
  private final RolloutsBlockingStub rollouts;

  private ServedFlow(ChildJvm child) {
    this.child = child;
    this.channel = channel(child.ports().get(0));
    this.admin = channel(child.ports().get(1));
    this.rollouts = RolloutsGrpc.newBlockingStub(admin);
  }

  /// The program of that JVM: serves until its input ends.
  static final class Main {
    @SuppressWarnings("SystemOut") // what the parent reads
    public static void main(String[] arguments) throws IOException, InterruptedException {
      PrintStream output = System.out;
      System.setOut(System.err);
      Path folder = Path.of(arguments[1]);
      String yaml =
          """
          jtype: Flow
          with: {name: rollouts}
          gateway: {protocol: GRPC, port: 0, host: 127.0.0.1, attune: {admin_port: 0}}
          executors:
            - {name: encoder, uses: Encoder, uses_with: {model: %s@1, store: "%s"}}
            - {name: indexer, uses: Indexer}
          """
              .formatted(DefaultModel.NAME, arguments[0]);
      FlowPlan plan =
          Flows.with(Map.of())
              .text("rollouts.yml", yaml, folder)
              .withWorkspace(folder.resolve("state"));
      try (EmbeddedFlow flow = EmbeddedFlow.start(plan)) {
        ChildJvm.serve(output, flow.grpcPort(), flow.adminPort());
      }
    }
  }

  /// Starts one, and returns when it serves.
  ///
  /// @param store of both versions
  /// @param folder where it keeps its index
  static ServedFlow start(Path store, Path folder) throws IOException {
    return new ServedFlow(
        ChildJvm.start(Main.class, "2g", store.toAbsolutePath().toString(), folder.toString()));
  }

  private static ManagedChannel channel(int port) {
    return Grpc.newChannelBuilderForAddress("127.0.0.1", port, InsecureChannelCredentials.create())
        .build();
  }

  /// The way to its gateway.
  ManagedChannel channel() {
    return channel;
  }

  /// What it has in memory, in bytes.
  long residentBytes() throws IOException {
    return child.residentBytes();
  }

  /// Begins to go to version 2, and returns once that is live.
  Rollout swap() {
    Rollout started =
        rollouts.start(
            StartRolloutRequest.newBuilder()
                .setModel(DefaultModel.NAME)
                .setVersion("2")
                .setOptions(RolloutOptions.newBuilder().setDrainSeconds(DRAIN_SECONDS))
                .build());
    return await(started.getId(), RolloutState.LIVE);
  }

  /// Goes back to version 1.
  ///
  /// @return the milliseconds until that was answered
  double rollBack(Rollout rollout) {
    long start = System.nanoTime();
    Rollout _ = rollouts.rollback(RollbackRequest.newBuilder().setModel(DefaultModel.NAME).build());
    double milliseconds = (System.nanoTime() - start) / 1e6;
    Rollout _ = await(rollout.getId(), RolloutState.ROLLED_BACK);
    return milliseconds;
  }

  private Rollout await(String id, RolloutState state) {
    Iterator<Rollout> told = rollouts.watch(RolloutRequest.newBuilder().setRollout(id).build());
    Rollout last = Rollout.getDefaultInstance();
    while (told.hasNext()) {
      last = told.next();
      if (last.getState() == state && last.getReached()) {
        return last;
      }
    }
    throw new FlowException(
        ErrorCode.INTERNAL,
        "rollout: %s, %s (expected: %s)".formatted(last.getState(), last.getReason(), state));
  }

  /// How long a state took until all participants had confirmed it.
  static double milliseconds(Rollout rollout, RolloutState state) {
    for (RolloutStep step : rollout.getStepsList()) {
      if (step.getState() == state) {
        Timestamp began = step.getBegan();
        Timestamp reached = step.getReached();
        return (reached.getSeconds() - began.getSeconds()) * 1e3
            + (reached.getNanos() - began.getNanos()) / 1e6;
      }
    }
    throw new FlowException(
        ErrorCode.INTERNAL, "rollout: %s (expected: one with %s)".formatted(rollout, state));
  }

  /// Ends it as `kill -9` does.
  @Override
  public void close() {
    channel.shutdownNow();
    admin.shutdownNow();
    child.close();
  }
}
