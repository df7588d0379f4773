package io.attune.gateway.rollout;

import io.attune.gateway.rollout.record.RolloutRecord;
import io.attune.gateway.rollout.record.RolloutSettings;
import io.attune.proto.attune.ListRolloutsRequest;
import io.attune.proto.attune.ListRolloutsResponse;
import io.attune.proto.attune.RollbackRequest;
import io.attune.proto.attune.Rollout;
import io.attune.proto.attune.RolloutRequest;
import io.attune.proto.attune.RolloutsGrpc;
import io.attune.proto.attune.StartRolloutRequest;
import io.attune.proto.attune.ThrottleRolloutRequest;
import io.attune.runtime.FlowException;
import io.attune.runtime.admin.Followers;
import io.attune.runtime.error.ErrorBorder;
import io.attune.runtime.error.Failures;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// The service `Rollouts`.
public final class RolloutsService extends RolloutsGrpc.RolloutsImplBase implements AutoCloseable {
  private static final Duration BREATH = Duration.ofMillis(100);
  private static final Duration LONGEST = Duration.ofSeconds(10);

  private final Supplier<Coordinator> coordinator;
  private final Followers followers = new Followers();

  /// @param coordinator throws FAILED_PRECONDITION where there is none
  public RolloutsService(Supplier<Coordinator> coordinator) {
    this.coordinator = coordinator;
  }

  @Override
  public void start(StartRolloutRequest request, StreamObserver<Rollout> caller) {
    answer(
        caller,
        () ->
            coordinator
                .get()
                .start(
                    request.getModel(),
                    version(request.getVersion()),
                    RolloutSettings.of(request.getOptions()),
                    request.getRequestId()));
  }

  private static String version(String text) {
    if (!text.isEmpty() && !text.matches("[1-9][0-9]{0,8}")) {
      throw FlowException.invalid(
          "version: \"%s\" (expected: 1..999999999, or none for the newest)"
              .formatted(text.length() > 40 ? text.substring(0, 40) + "…" : text));
    }
    return text;
  }

  @Override
  public void get(RolloutRequest request, StreamObserver<Rollout> caller) {
    answer(caller, () -> coordinator.get().find(request.getRollout()));
  }

  @Override
  public void pause(RolloutRequest request, StreamObserver<Rollout> caller) {
    answer(caller, () -> coordinator.get().pause(request.getRollout(), true));
  }

  @Override
  public void resume(RolloutRequest request, StreamObserver<Rollout> caller) {
    answer(caller, () -> coordinator.get().pause(request.getRollout(), false));
  }

  @Override
  public void throttle(ThrottleRolloutRequest request, StreamObserver<Rollout> caller) {
    answer(
        caller,
        () -> coordinator.get().throttle(request.getRollout(), request.getDocumentsPerSecond()));
  }

  @Override
  public void proceed(RolloutRequest request, StreamObserver<Rollout> caller) {
    answer(caller, () -> coordinator.get().proceed(request.getRollout()));
  }

  @Override
  public void cancel(RolloutRequest request, StreamObserver<Rollout> caller) {
    answer(caller, () -> coordinator.get().cancel(request.getRollout()));
  }

  @Override
  public void rollback(RollbackRequest request, StreamObserver<Rollout> caller) {
    answer(caller, () -> coordinator.get().rollback(request.getModel(), request.getForce()));
  }

  @Override
  public void list(ListRolloutsRequest request, StreamObserver<ListRolloutsResponse> caller) {
    try {
      ListRolloutsResponse.Builder answer = ListRolloutsResponse.newBuilder();
      String model = request.getModel();
      coordinator.get().live().stream()
          .filter(each -> model.isEmpty() || each.model().equals(model))
          .forEach(each -> answer.addLive(Messages.of(each)));
      coordinator
          .get()
          .rollouts(model)
          .forEach(each ->
              answer.addRollouts(Messages.of(each, List.of(), coordinator.get().comparison(each))));
      caller.onNext(answer.build());
      caller.onCompleted();
    } catch (FlowException refused) {
      caller.onError(ErrorBorder.refusal(refused));
    }
  }

  @Override
  public void watch(RolloutRequest request, StreamObserver<Rollout> caller) {
    try {
      RolloutRecord found = coordinator.get().find(request.getRollout());
      followers.start(caller, listener -> follow(found.id(), listener));
    } catch (FlowException refused) {
      caller.onError(ErrorBorder.refusal(refused));
    }
  }

  private void follow(String id, Consumer<Rollout> listener) throws InterruptedException {
    long seen = -1;
    Rollout last = Rollout.getDefaultInstance();
    while (true) {
      RolloutRecord now = coordinator.get().find(id);
      Driver driver = coordinator.get().drives(now);
      if (driver != null) {
        seen = driver.awaitChange(seen, LONGEST);
        now = coordinator.get().find(id);
      }
      Rollout message = message(now);
      if (!message.equals(last)) {
        listener.accept(message);
        last = message;
      }
      if (now.isOver() || driver == null) {
        return;
      }
      Thread.sleep(BREATH);
    }
  }

  private Rollout message(RolloutRecord rollout) {
    Driver driver = rollout.isOver() ? null : coordinator.get().drives(rollout);
    return Messages.of(
        rollout,
        driver == null ? List.of() : driver.progress(),
        coordinator.get().comparison(rollout));
  }

  private void answer(StreamObserver<Rollout> caller, Callable<RolloutRecord> work) {
    try {
      caller.onNext(message(work.call()));
      caller.onCompleted();
    } catch (Exception failure) { // a border: whatever it is, the caller hears of it
      caller.onError(ErrorBorder.refusal(Failures.from(failure)));
    }
  }

  /// Ends the streams that follow rollouts.
  @Override
  public void close() {
    followers.close();
  }
}
