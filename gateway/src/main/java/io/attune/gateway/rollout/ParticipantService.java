package io.attune.gateway.rollout;

import com.google.protobuf.Empty;
import io.attune.proto.attune.MoveRequest;
import io.attune.proto.attune.ParticipantGrpc;
import io.attune.proto.attune.ParticipantStanding;
import io.attune.proto.attune.Progress;
import io.attune.runtime.admin.Followers;
import io.grpc.stub.StreamObserver;

/// The service `Participant` of a gateway, for a coordinator in another process.
public final class ParticipantService extends ParticipantGrpc.ParticipantImplBase
    implements AutoCloseable {
  private final Peer peer;
  private final Followers followers = new Followers();

  public ParticipantService(Peer peer) {
    this.peer = peer;
  }

  @Override
  public void move(MoveRequest request, StreamObserver<Progress> caller) {
    followers.start(caller, listener -> peer.move(request, listener));
  }

  @Override
  public void standing(Empty request, StreamObserver<ParticipantStanding> caller) {
    caller.onNext(peer.standing());
    caller.onCompleted();
  }

  @Override
  public void close() {
    followers.close();
  }
}
