package io.attune.indexer.durability;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Empty;
import io.attune.proto.attune.ModelStanding;
import io.attune.proto.attune.MoveRequest;
import io.attune.proto.attune.ParticipantGrpc;
import io.attune.proto.attune.ParticipantGrpc.ParticipantBlockingStub;
import io.attune.proto.attune.Progress;
import io.attune.proto.attune.RolloutState;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import java.util.Iterator;
import java.util.concurrent.TimeUnit;

/// Drives the rollouts of an indexer through its admin port.
final class RolloutCommands implements AutoCloseable {
  private final ManagedChannel channel;

  RolloutCommands(int port) {
    channel = ManagedChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
  }

  private ParticipantBlockingStub stub() {
    return ParticipantGrpc.newBlockingStub(channel).withDeadlineAfter(5, TimeUnit.MINUTES);
  }

  /// A command of the rollout of an epoch, between the versions 1 and 2.
  static MoveRequest command(int epoch, int from, RolloutState state) {
    int to = 3 - from;
    return MoveRequest.newBuilder()
        .setRollout("r" + epoch)
        .setEpoch(epoch)
        .setModel("planted")
        .setFromVersion(String.valueOf(from))
        .setToVersion(String.valueOf(to))
        .setFromSpace(CountingEncoder.space(from))
        .setToSpace(CountingEncoder.space(to))
        .setDimension(Expectation.DIMENSION)
        .setState(state)
        .build();
  }

  /// Goes to a state and returns when it is reached.
  void move(MoveRequest command) {
    Iterator<Progress> told = stub().move(command);
    Progress last = Progress.getDefaultInstance();
    while (told.hasNext()) {
      last = told.next();
    }
    assertThat(last.getReached()).isEqualTo(command.getState());
  }

  /// Where the shard is; nowhere before the first command.
  ModelStanding standing() {
    return stub().standing(Empty.getDefaultInstance()).getModelsList().stream()
        .findFirst()
        .orElse(ModelStanding.getDefaultInstance());
  }

  /// Whether the generation of a space is at the end of the log.
  boolean isReady(String space) {
    return standing().getHeldList().stream()
        .anyMatch(held -> held.getSpace().equals(space) && held.getReady());
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }
}
