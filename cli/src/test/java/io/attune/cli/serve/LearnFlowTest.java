package io.attune.cli.serve;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.cli.ExitCode;
import io.attune.cli.Run;
import io.attune.document.Document;
import io.attune.document.DocumentArray;
import io.attune.document.file.DocumentFile;
import io.attune.document.json.StructJson;
import io.attune.flows.FlowPlan;
import io.attune.flows.Flows;
import io.attune.gateway.embedded.EmbeddedFlow;
import io.attune.proto.jina.DataRequestProto;
import io.attune.proto.jina.JinaSingleDataRequestRPCGrpc;
import io.attune.proto.jina.JinaSingleDataRequestRPCGrpc.JinaSingleDataRequestRPCBlockingStub;
import io.attune.proto.jina.StatusProto.StatusCode;
import io.attune.runtime.testing.Requests;
import io.attune.trainer.run.RunFolder;
import io.attune.trainer.run.RunState;
import io.attune.trainer.run.RunStatus;
import io.attune.trainer.run.RunStore;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The ready-made Flow `learn`: what is judged over the gateway is trained by itself.
@Timeout(300)
class LearnFlowTest {
  @TempDir private Path folder;
  private EmbeddedFlow flow;
  private ManagedChannel channel;
  private JinaSingleDataRequestRPCBlockingStub stub;

  @BeforeEach
  void start() throws Exception {
    flow = EmbeddedFlow.start(plan());
    channel = ManagedChannelBuilder.forAddress("127.0.0.1", flow.grpcPort()).usePlaintext().build();
    stub = JinaSingleDataRequestRPCGrpc.newBlockingStub(channel);
  }

  /// The Flow as it is, but on free ports, its state in a folder of the test, and training a small
  /// model after three judgments.
  private FlowPlan plan() throws IOException {
    try (InputStream in = Objects.requireNonNull(Flows.class.getResourceAsStream("learn.yml"))) {
      String text =
          new String(in.readAllBytes(), StandardCharsets.UTF_8)
              .replace("  port: [54341, 54342]\n", "")
              .replace("fit_after: 500", "fit_after: 3")
              .replace("model: all-MiniLM-L6-v2@1", "model: bilstm")
              .replace(
                  "admin_port: 54343",
                  "runs: %s\n      store: %s"
                      .formatted(folder.resolve("runs"), folder.resolve("models")));
      return Flows.with(Map.of()).text("learn.yml", text, folder).withWorkspace(folder);
    }
  }

  @AfterEach
  void stop() {
    channel.shutdownNow();
    flow.close();
  }

  private DataRequestProto post(String endpoint, DocumentArray documents, Map<String, ?> with) {
    DataRequestProto request = Requests.with(Requests.of(endpoint, documents), StructJson.of(with));
    DataRequestProto answer =
        stub.processSingleData(
            request.toBuilder()
                .setHeader(request.getHeader().toBuilder().clearRequestId())
                .build());
    assertThat(answer.getHeader().getStatus().getCode())
        .as(answer.getHeader().getStatus().getDescription())
        .isNotEqualTo(StatusCode.ERROR);
    return answer;
  }

  private Run feedback(String... more) {
    List<String> arguments = new java.util.ArrayList<>(List.of("feedback"));
    arguments.addAll(List.of(more));
    arguments.add("--flow=localhost:" + flow.grpcPort());
    Run run = Run.of(arguments.toArray(String[]::new));
    assertThat(run.code()).as(run.err()).isEqualTo(ExitCode.OK);
    return run;
  }

  @Test
  void whatIsJudgedIsTrained() throws Exception {
    DocumentArray answers =
        DocumentArray.of(
            Document.ofText("the bill is sent on the first of the month").id("bill"),
            Document.ofText("the charger is plugged in until the light is green").id("charger"));
    post("/index", answers, Map.of());
    DataRequestProto found =
        post(
            "/search",
            DocumentArray.of(Document.ofText("when is the bill sent").id("q")),
            Map.of());
    String request = found.getHeader().getRequestId();
    assertThat(request).as("the gateway gives one").isNotEmpty();
    post("/feedback", DocumentArray.of(), Map.of("request_id", request, "relevant", "bill"));
    assertThat(feedback("status").out()).contains("all", "1 searches can be judged");

    post(
        "/feedback",
        DocumentArray.of(Document.ofText("as found").id("charger").tag("relevant", true)),
        Map.of("request_id", request));
    assertThat(feedback("undo", request, "charger").out()).contains("1 judgments taken back");
    Path export = folder.resolve("feedback.jsonl");
    assertThat(feedback("export", export.toString()).err())
        .contains("1 queries written", "(side train)");
    Path gate = folder.resolve("gate.jsonl");
    assertThat(feedback("export", gate.toString(), "--side", "gate").err())
        .contains("0 queries written");
    assertThat(feedback("export", gate.toString(), "--side", "all").err())
        .contains("1 queries written");
    assertThat(DocumentFile.read(export).getFirst().matches())
        .extracting(Document::text)
        .containsExactly("the bill is sent on the first of the month");
    assertThat(RunStore.at(folder.resolve("runs")).list()).isEmpty();

    post("/feedback", DocumentArray.of(), Map.of("request_id", request, "irrelevant", "charger"));
    RunFolder run = started();
    RunState end = run.follow().events(_ -> {});
    assertThat(end.status()).as(end.details()).isEqualTo(RunStatus.FINISHED);
    assertThat(run.id()).startsWith("feedback/");
    assertThat(run.artifact().orElseThrow().model()).isEqualTo("bilstm@1");

    post("/delete", DocumentArray.of(Document.create().id("bill")), Map.of());
    feedback("export", export.toString());
    assertThat(DocumentFile.read(export).getFirst().matches())
        .extracting(Document::id)
        .containsExactly("charger");
  }

  private RunFolder started() {
    RunStore store = RunStore.at(folder.resolve("runs"));
    while (store.list().isEmpty()) {
      LockSupport.parkNanos(10_000_000);
    }
    return store.list().getFirst();
  }
}
