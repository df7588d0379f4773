package io.attune.trainer.executor;

import com.google.protobuf.Empty;
import io.attune.document.DocumentArray;
import io.attune.document.json.StructJson;
import io.attune.proto.attune.CancelRunRequest;
import io.attune.proto.attune.CreateRunRequest;
import io.attune.proto.attune.DeleteRunRequest;
import io.attune.proto.attune.GetRunRequest;
import io.attune.proto.attune.ListRunsRequest;
import io.attune.proto.attune.ListRunsResponse;
import io.attune.proto.attune.LogLine;
import io.attune.proto.attune.LogsRequest;
import io.attune.proto.attune.ResumeRunRequest;
import io.attune.proto.attune.Run;
import io.attune.proto.attune.RunEvent;
import io.attune.proto.attune.RunsGrpc;
import io.attune.proto.attune.SaveRunRequest;
import io.attune.proto.attune.SavedPiece;
import io.attune.proto.attune.WatchRunRequest;
import io.attune.runtime.FlowException;
import io.attune.runtime.admin.Followers;
import io.attune.runtime.error.ErrorBorder;
import io.attune.runtime.error.Failures;
import io.attune.trainer.run.ProgressEvent;
import io.attune.trainer.run.ProgressListener;
import io.attune.trainer.run.RunFolder;
import io.attune.trainer.run.RunState;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/// The service `Runs` of the admin port.
final class RunsService extends RunsGrpc.RunsImplBase implements AutoCloseable {

  private final TrainerRuns runs;
  private final Followers followers = new Followers();

  RunsService(TrainerRuns runs) {
    this.runs = runs;
  }

  /// What answers one request.
  private interface Method<T> {
    T call() throws InterruptedException;
  }

  private static <T> void answer(StreamObserver<T> caller, Method<T> method) {
    attempt(
        caller,
        () -> {
          caller.onNext(method.call());
          caller.onCompleted();
        });
  }

  /// What a call sets off.
  private interface Action {
    void run() throws InterruptedException;
  }

  /// Ends the caller's stream with the failure of what it asked for.
  private static void attempt(StreamObserver<?> caller, Action action) {
    try {
      action.run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      caller.onError(ErrorBorder.refusal(Failures.from(e)));
    } catch (FlowException failure) {
      caller.onError(ErrorBorder.refusal(failure));
    }
  }

  @Override
  public void create(CreateRunRequest request, StreamObserver<Run> caller) {
    answer(
        caller,
        () ->
            RunMessages.run(
                runs.fit(
                    request.getRequestId(),
                    StructJson.plain(request.getOptions()),
                    DocumentArray.from(request.getDocuments()))));
  }

  @Override
  public void list(ListRunsRequest request, StreamObserver<ListRunsResponse> caller) {
    answer(
        caller,
        () -> {
          ListRunsResponse.Builder response = ListRunsResponse.newBuilder();
          Optional<String> experiment =
              Optional.of(request.getExperiment()).filter(name -> !name.isEmpty());
          runs.list(experiment).forEach(run -> response.addRuns(RunMessages.any(run)));
          return response.build();
        });
  }

  @Override
  public void get(GetRunRequest request, StreamObserver<Run> caller) {
    answer(
        caller,
        () -> {
          RunFolder run = runs.get(request.getRun());
          return RunMessages.run(run).toBuilder().setConfig(run.config().toYaml()).build();
        });
  }

  @Override
  public void watch(WatchRunRequest request, StreamObserver<RunEvent> caller) {
    follow(
        caller,
        () -> {
          RunFolder run = runs.get(request.getRun());
          return listener -> watch(run, request, listener);
        });
  }

  private static void watch(RunFolder run, WatchRunRequest request, Consumer<RunEvent> listener)
      throws InterruptedException {
    listener.accept(standing(run, run.state()));
    AtomicBoolean reached = new AtomicBoolean();
    ProgressListener telling =
        event -> {
          if (isReached(event, request.getFromStep(), reached)) {
            listener.accept(RunMessages.event(event));
          }
        };
    if (request.getPastOnly()) {
      run.events().forEach(telling::on);
      listener.accept(standing(run, run.state()));
    } else {
      listener.accept(standing(run, run.follow().events(telling)));
    }
  }

  private static boolean isReached(ProgressEvent event, long fromStep, AtomicBoolean reached) {
    if (event.step() >= fromStep) {
      reached.set(true);
    }
    return reached.get();
  }

  private static RunEvent standing(RunFolder run, RunState state) {
    return RunEvent.newBuilder().setRun(RunMessages.run(run, state)).build();
  }

  @Override
  public void logs(LogsRequest request, StreamObserver<LogLine> caller) {
    follow(
        caller,
        () -> {
          RunFolder run = runs.get(request.getRun());
          return listener -> {
            Consumer<String> line =
                text -> listener.accept(LogLine.newBuilder().setText(text).build());
            if (request.getFollow()) {
              run.follow().log(line);
            } else {
              run.logs().forEach(line);
            }
          };
        });
  }

  private <T> void follow(StreamObserver<T> caller, Method<Followers.Source<T>> method) {
    attempt(caller, () -> followers.start(caller, method.call()));
  }

  @Override
  public void cancel(CancelRunRequest request, StreamObserver<Run> caller) {
    answer(
        caller,
        () -> {
          int grace = request.hasGrace() ? request.getGrace() : TrainerRuns.DEFAULT_GRACE;
          if (grace < 0 || grace > TrainerRuns.MOST_GRACE) {
            throw FlowException.invalid(
                "grace: %s (expected: 0..%d)"
                    .formatted(Integer.toUnsignedString(grace), TrainerRuns.MOST_GRACE));
          }
          RunState end = runs.cancel(request.getRun(), Duration.ofSeconds(grace));
          return RunMessages.run(runs.get(request.getRun()), end);
        });
  }

  @Override
  public void resume(ResumeRunRequest request, StreamObserver<Run> caller) {
    answer(caller, () -> RunMessages.run(runs.resume(request.getRun())));
  }

  @Override
  public void delete(DeleteRunRequest request, StreamObserver<Empty> caller) {
    answer(
        caller,
        () -> {
          runs.delete(request.getRun());
          return Empty.getDefaultInstance();
        });
  }

  @Override
  public void save(SaveRunRequest request, StreamObserver<SavedPiece> caller) {
    follow(
        caller,
        () -> {
          RunFolder run = runs.get(request.getRun());
          return listener -> {
            try (SavedModel saved = SavedModel.of(run)) {
              saved.pieces((piece, first) -> {
                SavedPiece.Builder message = SavedPiece.newBuilder().setData(piece);
                if (first) {
                  message.setArtifact(saved.artifact()).setSize(saved.size());
                }
                listener.accept(message.build());
              });
            }
          };
        });
  }

  /// Ends the streams that follow runs.
  @Override
  public void close() {
    followers.close();
  }
}
