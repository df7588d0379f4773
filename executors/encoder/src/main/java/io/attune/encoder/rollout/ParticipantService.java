package io.attune.encoder.rollout;

import com.google.protobuf.Empty;
import io.attune.proto.attune.ModelStanding;
import io.attune.proto.attune.ModelStanding.Held;
import io.attune.proto.attune.MoveRequest;
import io.attune.proto.attune.ParticipantGrpc;
import io.attune.proto.attune.ParticipantStanding;
import io.attune.proto.attune.Progress;
import io.attune.runtime.FlowException;
import io.attune.runtime.admin.Followers;
import io.attune.runtime.error.ErrorBorder;
import io.grpc.stub.StreamObserver;

/// The service `Participant` of an encoder.
public final class ParticipantService extends ParticipantGrpc.ParticipantImplBase
    implements AutoCloseable {
  private static final String KIND = "encoder";

  private final String name;
  private final Participation participation;
  private final Followers followers = new Followers();

  /// @param name the executor's name
  public ParticipantService(String name, Participation participation) {
    this.name = name;
    this.participation = participation;
  }

  @Override
  public void move(MoveRequest request, StreamObserver<Progress> caller) {
    try {
      Moving moving = participation.move(Command.of(request));
      followers.start(
          caller,
          listener -> {
            moving.follow(step -> listener.accept(Progress.newBuilder().setMessage(step).build()));
            listener.accept(Progress.newBuilder().setReached(request.getState()).build());
          });
    } catch (FlowException refused) {
      caller.onError(ErrorBorder.refusal(refused));
    }
  }

  @Override
  public void standing(Empty request, StreamObserver<ParticipantStanding> caller) {
    caller.onNext(
        ParticipantStanding.newBuilder().setKind(KIND).setName(name).addModels(model()).build());
    caller.onCompleted();
  }

  private ModelStanding model() {
    Standing standing = participation.standing();
    ModelStanding.Builder model =
        ModelStanding.newBuilder()
            .setModel(standing.model())
            .setLive(Integer.toString(standing.live().version()))
            .setRefusal(standing.refusal());
    Command command = standing.command();
    if (command != null) {
      model
          .setRollout(command.rollout())
          .setEpoch(command.epoch())
          .setState(command.state())
          .setReached(standing.reached());
    }
    for (Versions.Held held : participation.versions().held()) {
      if (held.version().name().equals(standing.model())) {
        model.addHeld(
            Held.newBuilder()
                .setVersion(Integer.toString(held.version().version()))
                .setSpace(held.space())
                .setBytes(held.bytes())
                .setReady(held.serves()));
      }
    }
    return model.build();
  }

  /// Ends the streams that follow commands; the work goes on.
  @Override
  public void close() {
    followers.close();
  }
}
