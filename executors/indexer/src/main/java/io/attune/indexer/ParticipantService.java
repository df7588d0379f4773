package io.attune.indexer;

import com.google.protobuf.Empty;
import io.attune.proto.attune.MoveRequest;
import io.attune.proto.attune.ParticipantGrpc;
import io.attune.proto.attune.ParticipantStanding;
import io.attune.proto.attune.Progress;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.error.ErrorBorder;
import io.attune.runtime.error.Failures;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;

/// The service `Participant` of the admin port: a shard's part in rollouts. A call of `Move` runs
/// on its own virtual thread for as long as the caller waits; when he leaves the work goes on.
final class ParticipantService extends ParticipantGrpc.ParticipantImplBase
    implements AutoCloseable {
  private final String name;
  private final IndexerConfig config;
  private final Shard shard;

  ParticipantService(String name, IndexerConfig config, Shard shard) {
    this.name = name;
    this.config = config;
    this.shard = shard;
  }

  @Override
  public void move(MoveRequest command, StreamObserver<Progress> caller) {
    ServerCallStreamObserver<Progress> stream = (ServerCallStreamObserver<Progress>) caller;
    try {
      shard.rollouts().move(command, progress -> tell(stream, progress));
      stream.onCompleted();
    } catch (FlowException failure) {
      if (!stream.isCancelled()) {
        stream.onError(ErrorBorder.refusal(failure));
      }
    }
  }

  /// A caller who reads slowly misses steps, never the last one.
  private static void tell(ServerCallStreamObserver<Progress> stream, Progress progress) {
    if (stream.isCancelled()) {
      throw new FlowException(ErrorCode.CANCELLED, "rollout: nobody waits (the work goes on)");
    }
    if (stream.isReady() || progress.getReachedValue() != 0 || progress.getMissing() > 0) {
      stream.onNext(progress);
    }
  }

  @Override
  public void standing(Empty request, StreamObserver<ParticipantStanding> caller) {
    try {
      caller.onNext(Standing.of(name, config, shard));
      caller.onCompleted();
    } catch (IOException | FlowException failure) {
      caller.onError(ErrorBorder.refusal(Failures.from(failure)));
    }
  }

  /// Ends the calls that wait for something.
  @Override
  public void close() {
    shard.rollouts().close();
  }
}
