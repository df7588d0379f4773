package io.attune.cli.train;

import com.google.protobuf.Timestamp;
import io.attune.cli.client.AdminChannel;
import io.attune.proto.attune.CancelRunRequest;
import io.attune.proto.attune.DeleteRunRequest;
import io.attune.proto.attune.GetRunRequest;
import io.attune.proto.attune.ListRunsRequest;
import io.attune.proto.attune.LogsRequest;
import io.attune.proto.attune.ResumeRunRequest;
import io.attune.proto.attune.Run;
import io.attune.proto.attune.RunEvent;
import io.attune.proto.attune.RunsGrpc;
import io.attune.proto.attune.SaveRunRequest;
import io.attune.proto.attune.SavedPiece;
import io.attune.proto.attune.WatchRunRequest;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.trainer.run.ProgressListener;
import io.attune.trainer.run.RunStatus;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The runs of a trainer, over the service `attune.Runs` of its admin port.
final class RemoteRuns implements RunsAccess {
  private final AdminChannel channel;
  private final RunsGrpc.RunsBlockingStub stub;

  /// @param address `host:port`, or `grpcs://host:port` for TLS
  /// @param token what the trainer asks for; null for nothing
  RemoteRuns(String address, @Nullable String token) {
    this.channel = new AdminChannel(address, token);
    this.stub = RunsGrpc.newBlockingStub(channel.calls());
  }

  @Override
  public String where() {
    return "at " + channel.address();
  }

  @Override
  public List<RunRow> list(@Nullable String experiment) {
    ListRunsRequest request =
        ListRunsRequest.newBuilder().setExperiment(experiment == null ? "" : experiment).build();
    return channel.ask(() -> stub.list(request)).getRunsList().stream()
        .map(RemoteRuns::row)
        .toList();
  }

  @Override
  public RunRow get(String run) {
    return row(channel.ask(() -> stub.get(GetRunRequest.newBuilder().setRun(run).build())));
  }

  @Override
  public RunRow events(String run, boolean follow, ProgressListener listener) {
    WatchRunRequest request = WatchRunRequest.newBuilder().setRun(run).setPastOnly(!follow).build();
    return channel.ask(() -> {
      Run last = Run.getDefaultInstance();
      Iterator<RunEvent> events = stub.watch(request);
      while (events.hasNext()) {
        RunEvent event = events.next();
        if (event.hasRun()) {
          last = event.getRun();
        } else {
          RemoteEvents.of(event).ifPresent(listener::on);
        }
      }
      return row(last);
    });
  }

  @Override
  public RunRow logs(String run, boolean follow, Consumer<String> line) {
    LogsRequest request = LogsRequest.newBuilder().setRun(run).setFollow(follow).build();
    return channel.ask(() -> {
      stub.logs(request).forEachRemaining(each -> line.accept(each.getText()));
      return get(run);
    });
  }

  @Override
  public RunRow cancel(String run, Duration grace) {
    CancelRunRequest request =
        CancelRunRequest.newBuilder().setRun(run).setGrace((int) grace.toSeconds()).build();
    return row(channel.ask(() -> stub.cancel(request)));
  }

  /// Goes on with a run that failed or was cancelled.
  RunRow resume(String run) {
    return row(channel.ask(() -> stub.resume(ResumeRunRequest.newBuilder().setRun(run).build())));
  }

  @Override
  public void delete(String run) {
    var _ = channel.ask(() -> stub.delete(DeleteRunRequest.newBuilder().setRun(run).build()));
  }

  @Override
  public Saved save(String run, Path folder) throws IOException {
    RunRow found = get(run);
    Iterator<SavedPiece> pieces =
        channel.ask(() -> stub.save(SaveRunRequest.newBuilder().setRun(found.id()).build()));
    SavedPiece first = channel.ask(pieces::next);
    Path target = folder.resolve(found.id().substring(found.id().indexOf('/') + 1) + ".zip");
    Files.createDirectories(folder);
    Path draft = Files.createTempFile(folder, ".save-", ".zip");
    try {
      try (OutputStream out = Files.newOutputStream(draft)) {
        first.getData().writeTo(out);
        while (channel.ask(pieces::hasNext)) {
          channel.ask(pieces::next).getData().writeTo(out);
        }
      }
      if (Files.size(draft) != first.getSize()) {
        throw new FlowException(
            ErrorCode.DATA_LOSS,
            "artifact: %,d bytes came (expected: %,d)"
                .formatted(Files.size(draft), first.getSize()));
      }
      Files.move(draft, target, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(draft);
    }
    return new Saved(found, first.getArtifact(), target);
  }

  private static RunRow row(Run run) {
    return new RunRow(
        run.getId(),
        switch (run.getStatus()) {
          case CREATED -> RunStatus.CREATED;
          case STARTED -> RunStatus.STARTED;
          case FINISHED -> RunStatus.FINISHED;
          case FAILED -> RunStatus.FAILED;
          case CANCELLED -> RunStatus.CANCELLED;
          case RUN_STATUS_UNSPECIFIED, UNRECOGNIZED -> null;
        },
        run.getDetails(),
        run.hasCreated() ? instant(run.getCreated()) : null,
        run.hasStarted() ? instant(run.getStarted()) : null,
        run.hasFinished() ? instant(run.getFinished()) : null,
        run.getAttempts(),
        run.getArtifact().isEmpty() ? null : run.getArtifact(),
        null);
  }

  private static Instant instant(Timestamp time) {
    return Instant.ofEpochSecond(time.getSeconds(), time.getNanos());
  }

  @Override
  public void close() {
    channel.close();
  }
}
