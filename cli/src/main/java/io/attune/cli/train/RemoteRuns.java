package io.attune.cli.train;

import com.google.protobuf.Timestamp;
import io.attune.cli.client.FlowClient;
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
import io.attune.runtime.channel.Address;
import io.attune.runtime.channel.Address.Scheme;
import io.attune.runtime.error.Failures;
import io.attune.trainer.run.ProgressListener;
import io.attune.trainer.run.RunStatus;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.StatusRuntimeException;
import io.grpc.TlsChannelCredentials;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The runs of a trainer, over the service `attune.Runs` of its admin port.
final class RemoteRuns implements RunsAccess {
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
  private static final int MAX_MESSAGE_BYTES = 128 << 20;

  private final String address;
  private final ManagedChannel channel;
  private final RunsGrpc.RunsBlockingStub stub;

  /// @param address `host:port`, or `grpcs://host:port` for TLS
  /// @param token what the trainer asks for; null for nothing
  RemoteRuns(String address, @Nullable String token) {
    Address parsed = Address.parse(address);
    this.address = address;
    this.channel =
        Grpc.newChannelBuilder(
                parsed.target(),
                parsed.scheme() == Scheme.GRPCS
                    ? TlsChannelCredentials.create()
                    : InsecureChannelCredentials.create())
            .maxInboundMessageSize(MAX_MESSAGE_BYTES)
            .build();
    RunsGrpc.RunsBlockingStub plain = RunsGrpc.newBlockingStub(channel);
    this.stub = token == null ? plain : plain.withInterceptors(new Bearer(token));
  }

  /// Adds the token to each call.
  private record Bearer(String token) implements ClientInterceptor {
    @Override
    public <Q, R> ClientCall<Q, R> interceptCall(
        MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
      return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
        @Override
        public void start(Listener<R> listener, Metadata headers) {
          headers.put(AUTHORIZATION, "Bearer " + token);
          super.start(listener, headers);
        }
      };
    }

    @Override
    public String toString() {
      return "Bearer"; // without the token
    }
  }

  private <T> T ask(Supplier<T> question) {
    try {
      return question.get();
    } catch (StatusRuntimeException failure) {
      FlowException told = Failures.from(failure);
      throw told.code() == ErrorCode.UNAVAILABLE
          ? new FlowException(told.code(), address + ": " + FlowClient.messageOf(failure), failure)
          : told;
    }
  }

  @Override
  public String where() {
    return "at " + address;
  }

  @Override
  public List<RunRow> list(@Nullable String experiment) {
    ListRunsRequest request =
        ListRunsRequest.newBuilder().setExperiment(experiment == null ? "" : experiment).build();
    return ask(() -> stub.list(request)).getRunsList().stream().map(RemoteRuns::row).toList();
  }

  @Override
  public RunRow get(String run) {
    return row(ask(() -> stub.get(GetRunRequest.newBuilder().setRun(run).build())));
  }

  @Override
  public RunRow events(String run, boolean follow, ProgressListener listener) {
    WatchRunRequest request = WatchRunRequest.newBuilder().setRun(run).setPastOnly(!follow).build();
    return ask(() -> {
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
    return ask(() -> {
      stub.logs(request).forEachRemaining(each -> line.accept(each.getText()));
      return get(run);
    });
  }

  @Override
  public RunRow cancel(String run, Duration grace) {
    CancelRunRequest request =
        CancelRunRequest.newBuilder().setRun(run).setGrace((int) grace.toSeconds()).build();
    return row(ask(() -> stub.cancel(request)));
  }

  /// Goes on with a run that failed or was cancelled.
  RunRow resume(String run) {
    return row(ask(() -> stub.resume(ResumeRunRequest.newBuilder().setRun(run).build())));
  }

  @Override
  public void delete(String run) {
    var _ = ask(() -> stub.delete(DeleteRunRequest.newBuilder().setRun(run).build()));
  }

  @Override
  public Saved save(String run, Path folder) throws IOException {
    RunRow found = get(run);
    Iterator<SavedPiece> pieces =
        ask(() -> stub.save(SaveRunRequest.newBuilder().setRun(found.id()).build()));
    SavedPiece first = ask(pieces::next);
    Path target = folder.resolve(found.id().substring(found.id().indexOf('/') + 1) + ".zip");
    Files.createDirectories(folder);
    Path draft = Files.createTempFile(folder, ".save-", ".zip");
    try {
      try (OutputStream out = Files.newOutputStream(draft)) {
        first.getData().writeTo(out);
        while (ask(pieces::hasNext)) {
          ask(pieces::next).getData().writeTo(out);
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
    channel.shutdownNow();
    try {
      channel.awaitTermination(5, TimeUnit.SECONDS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
