package io.attune.trainer.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.document.DocumentArray;
import io.attune.document.json.StructJson;
import io.attune.proto.attune.CancelRunRequest;
import io.attune.proto.attune.CreateRunRequest;
import io.attune.proto.attune.DeleteRunRequest;
import io.attune.proto.attune.GetRunRequest;
import io.attune.proto.attune.ListRunsRequest;
import io.attune.proto.attune.LogLine;
import io.attune.proto.attune.LogsRequest;
import io.attune.proto.attune.ResumeRunRequest;
import io.attune.proto.attune.Run;
import io.attune.proto.attune.RunEvent;
import io.attune.proto.attune.RunEvent.EventCase;
import io.attune.proto.attune.RunStatus;
import io.attune.proto.attune.RunsGrpc;
import io.attune.proto.attune.SaveRunRequest;
import io.attune.proto.attune.WatchRunRequest;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The service over a channel of its own to the admin port.
@Timeout(120)
class RunsServiceTest {
  private static final String TOKEN = "a-token-that-is-long";

  @TempDir private Path root;
  private final List<AutoCloseable> open = new ArrayList<>();

  private TrainerHarness trainer(Map<String, ?> with) {
    TrainerHarness trainer = new TrainerHarness(root, with);
    open.add(trainer);
    return trainer;
  }

  private RunsGrpc.RunsBlockingStub stub(TrainerHarness trainer) {
    ManagedChannel channel =
        ManagedChannelBuilder.forAddress("127.0.0.1", trainer.server().server().adminPort())
            .usePlaintext()
            .build();
    open.add(channel::shutdownNow);
    return RunsGrpc.newBlockingStub(channel);
  }

  private RunsGrpc.RunsBlockingStub stub() {
    return stub(trainer(Map.of("admin_port", 0)));
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
      if (each instanceof TrainerHarness trainer) {
        trainer.endProcesses();
      }
    }
  }

  private static CreateRunRequest request(Map<String, ?> more) {
    return CreateRunRequest.newBuilder()
        .setOptions(StructJson.of(TrainerHarness.fit(more)))
        .setDocuments(TrainerHarness.tensors().toProto())
        .build();
  }

  private static WatchRunRequest watch(Run run, long fromStep) {
    return WatchRunRequest.newBuilder().setRun(run.getId()).setFromStep(fromStep).build();
  }

  private static List<RunEvent> all(Iterator<RunEvent> events) {
    List<RunEvent> all = new ArrayList<>();
    events.forEachRemaining(all::add);
    return all;
  }

  private static Status.Code code(Throwable failure) {
    return ((StatusRuntimeException) failure).getStatus().getCode();
  }

  @Test
  void createsWatchesListsAndDeletes() {
    RunsGrpc.RunsBlockingStub runs = stub();
    Run run = runs.create(request(Map.of("run_name", "first")));
    assertThat(run.getId()).isEqualTo("default/first");
    List<RunEvent> events = all(runs.watch(watch(run, 0)));
    assertThat(events)
        .extracting(RunEvent::getEventCase)
        .containsExactly(
            EventCase.RUN,
            EventCase.FIT_BEGIN,
            EventCase.FIT_STEP,
            EventCase.FIT_STEP,
            EventCase.FIT_STEP,
            EventCase.EPOCH_END,
            EventCase.FIT_END,
            EventCase.RUN);
    assertThat(events.get(2).getFitStep().getLoss()).isEqualTo(1);
    assertThat(events.getLast().getRun().getStatus()).isEqualTo(RunStatus.FINISHED);
    assertThat(events.getLast().getRun().getArtifact()).isEqualTo("mlp@1");

    List<RunEvent> past = all(runs.watch(watch(run, 0).toBuilder().setPastOnly(true).build()));
    assertThat(past.subList(1, past.size())).isEqualTo(events.subList(1, events.size()));
    assertThatThrownBy(() ->
            runs.save(SaveRunRequest.newBuilder().setRun("none").build())
                .forEachRemaining(piece -> {}))
        .hasMessageContaining("run: none is not there");

    List<RunEvent> later = all(runs.watch(watch(run, 3)));
    assertThat(later)
        .extracting(RunEvent::getEventCase)
        .containsExactly(
            EventCase.RUN,
            EventCase.FIT_STEP,
            EventCase.EPOCH_END,
            EventCase.FIT_END,
            EventCase.RUN);
    assertThat(all(runs.watch(watch(run, 100)))).as("how it stands and ended").hasSize(2);

    Iterator<LogLine> log = runs.logs(LogsRequest.newBuilder().setRun("first").build());
    List<String> lines = new ArrayList<>();
    log.forEachRemaining(line -> lines.add(line.getText()));
    assertThat(lines.getLast()).endsWith("finished");

    assertThat(runs.list(ListRunsRequest.getDefaultInstance()).getRunsList())
        .extracting(Run::getId)
        .containsExactly("default/first");
    assertThat(runs.get(GetRunRequest.newBuilder().setRun("first").build()).getConfig())
        .contains("run_name: \"first\"");
    deleteOnceItsProcessIsGone(runs, run);
    assertThat(runs.list(ListRunsRequest.getDefaultInstance()).getRunsList()).isEmpty();
  }

  private static void deleteOnceItsProcessIsGone(RunsGrpc.RunsBlockingStub runs, Run run) {
    while (true) {
      try {
        var _ = runs.delete(DeleteRunRequest.newBuilder().setRun(run.getId()).build());
        return;
      } catch (StatusRuntimeException e) {
        assertThat(e).hasMessageContaining("is running");
        Thread.onSpinWait();
      }
    }
  }

  @Test
  void aRunThatFailsEndsItsWatchAndOneThatGoesOnSaysSo() {
    RunsGrpc.RunsBlockingStub runs = stub();
    Run run = runs.create(request(Map.of("description", "fails")));
    Run end = all(runs.watch(watch(run, 0))).getLast().getRun();
    assertThat(end.getStatus()).isEqualTo(RunStatus.FAILED);
    assertThat(end.getDetails()).isEqualTo("IllegalStateException: the loss is a number no more");
    resumeOnceItsProcessIsGone(runs, run);
    List<RunEvent> events = all(runs.watch(watch(run, 0)));
    assertThat(events)
        .as("a second beginning voids the first")
        .filteredOn(RunEvent::hasFitBegin)
        .hasSize(2);
    assertThat(events.getLast().getRun().getStatus()).isEqualTo(RunStatus.FINISHED);
    assertThat(events.getLast().getRun().getAttempts()).isEqualTo(2);
  }

  private static void resumeOnceItsProcessIsGone(RunsGrpc.RunsBlockingStub runs, Run run) {
    while (true) {
      try {
        var _ = runs.resume(ResumeRunRequest.newBuilder().setRun(run.getId()).build());
        return;
      } catch (StatusRuntimeException e) {
        assertThat(code(e)).isEqualTo(Status.Code.FAILED_PRECONDITION);
        Thread.onSpinWait();
      }
    }
  }

  @Test
  void followsUntilTheRunIsCancelledAndSlowReadersLoseNothing() {
    RunsGrpc.RunsBlockingStub runs = stub();
    Run run = runs.create(request(Map.of("description", "goes on")));
    Iterator<RunEvent> events = runs.watch(watch(run, 0));
    long last = 0;
    boolean cancelled = false;
    RunEvent event = events.next();
    while (events.hasNext()) {
      event = events.next();
      if (event.hasFitStep()) {
        assertThat(event.getStep()).isEqualTo(last + 1);
        last = event.getStep();
      }
      if (last == 200 && !cancelled) {
        cancelled = true;
        Run end =
            runs.cancel(CancelRunRequest.newBuilder().setRun(run.getId()).setGrace(20).build());
        assertThat(end.getStatus()).isEqualTo(RunStatus.CANCELLED);
      }
    }
    assertThat(cancelled).isTrue();
    assertThat(event.getRun().getStatus()).isEqualTo(RunStatus.CANCELLED);
    assertThatThrownBy(() -> runs.cancel(CancelRunRequest.newBuilder().setRun(run.getId()).build()))
        .satisfies(e -> assertThat(code(e)).isEqualTo(Status.Code.FAILED_PRECONDITION));
  }

  @Test
  void aCallerWhoLeavesEndsOnlyTheWatch() throws Exception {
    TrainerHarness trainer = trainer(Map.of("admin_port", 0));
    RunsGrpc.RunsBlockingStub runs = stub(trainer);
    Run run = runs.create(request(Map.of("description", "goes on")));
    Context.CancellableContext context = Context.current().withCancellation();
    context.run(() -> {
      Iterator<RunEvent> events = runs.watch(watch(run, 0));
      assertThat(events.next().hasRun()).isTrue();
      context.cancel(null);
      assertThatThrownBy(() -> all(events))
          .satisfies(e -> assertThat(code(e)).isEqualTo(Status.Code.CANCELLED));
    });
    TrainerHarness.awaitStep(trainer.store().resolve(run.getId()), 20);
    assertThat(trainer.store().resolve(run.getId()).state().isRunning()).isTrue();
    trainer.store().resolve(run.getId()).requestCancel();
  }

  @Test
  void aTrainerThatStopsTellsThoseWhoWatch() {
    TrainerHarness trainer = trainer(Map.of("admin_port", 0, "when_stopped", "cancel"));
    RunsGrpc.RunsBlockingStub runs = stub(trainer);
    Run run = runs.create(request(Map.of("description", "goes on")));
    Iterator<RunEvent> events = runs.watch(watch(run, 0));
    assertThat(events.next().hasRun()).isTrue();
    trainer.close();
    assertThatThrownBy(() -> all(events))
        .satisfies(e -> assertThat(code(e)).isEqualTo(Status.Code.UNAVAILABLE));
  }

  @Test
  void whatIsWrongIsAStatus() {
    RunsGrpc.RunsBlockingStub runs = stub();
    assertThatThrownBy(() -> runs.create(request(Map.of("epoch", 1))))
        .hasMessageContaining("did you mean epochs?")
        .satisfies(e -> assertThat(code(e)).isEqualTo(Status.Code.INVALID_ARGUMENT));
    assertThatThrownBy(() ->
            runs.create(
                request(Map.of("train_data", "/etc/passwd")).toBuilder()
                    .setDocuments(DocumentArray.of().toProto())
                    .build()))
        .satisfies(e -> assertThat(code(e)).isEqualTo(Status.Code.PERMISSION_DENIED));
    assertThatThrownBy(() -> all(runs.watch(WatchRunRequest.newBuilder().setRun("no").build())))
        .satisfies(e -> assertThat(code(e)).isEqualTo(Status.Code.NOT_FOUND));
  }

  @Test
  void aTokenIsAskedForWhereThereIsOne() {
    RunsGrpc.RunsBlockingStub runs = stub(trainer(Map.of("admin_port", 0, "admin_token", TOKEN)));
    for (String given : List.of("", "Bearer another-token-that-is-long", TOKEN)) {
      assertThatThrownBy(() -> with(runs, given).list(ListRunsRequest.getDefaultInstance()))
          .satisfies(e -> assertThat(code(e)).isEqualTo(Status.Code.UNAUTHENTICATED));
    }
    assertThat(with(runs, "Bearer " + TOKEN).list(ListRunsRequest.getDefaultInstance()))
        .isNotNull();
  }

  @Test
  void callersInTheSameJvmNeedNoPort() {
    RunsGrpc.RunsBlockingStub runs = RunsGrpc.newBlockingStub(trainer(Map.of()).server().channel());
    assertThat(runs.list(ListRunsRequest.getDefaultInstance()).getRunsList()).isEmpty();
  }

  private static RunsGrpc.RunsBlockingStub with(
      RunsGrpc.RunsBlockingStub stub, String authorization) {
    Metadata metadata = new Metadata();
    if (!authorization.isEmpty()) {
      metadata.put(
          Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), authorization);
    }
    return stub.withInterceptors(MetadataUtils.newAttachHeadersInterceptor(metadata));
  }
}
