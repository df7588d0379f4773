package io.attune.cli.serve;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.cli.ExitCode;
import io.attune.cli.Run;
import io.attune.flows.FlowPlan;
import io.attune.flows.Flows;
import io.attune.gateway.embedded.EmbeddedFlow;
import io.attune.proto.attune.GetRunRequest;
import io.attune.proto.attune.RunEvent;
import io.attune.proto.attune.RunStatus;
import io.attune.proto.attune.RunsGrpc;
import io.attune.proto.attune.WatchRunRequest;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// The ready-made Flow `fit`, as people use it: `attune client` posts documents, the admin port
/// streams progress, and a model is published.
@Timeout(300)
class FitFlowTest {
  @TempDir private Path folder;
  private int adminPort;
  private EmbeddedFlow flow;

  @BeforeEach
  void start() throws Exception {
    try (ServerSocket free = new ServerSocket(0)) {
      adminPort = free.getLocalPort();
    }
    flow = EmbeddedFlow.start(plan(""));
  }

  /// The Flow as it is, but on free ports, its state in a folder of the test.
  private FlowPlan plan(String more) throws IOException {
    try (InputStream in = Objects.requireNonNull(Flows.class.getResourceAsStream("fit.yml"))) {
      String text =
          new String(in.readAllBytes(), StandardCharsets.UTF_8)
              .replace("  port: [54331, 54332]\n", "")
              .replace(
                  "admin_port: 54333",
                  """
                  admin_port: %d
                        runs: %s
                        store: %s
                        data_root: %s
                  %s\
                  """
                      .formatted(
                          adminPort,
                          folder.resolve("runs"),
                          folder.resolve("models"),
                          folder,
                          more));
      return Flows.with(Map.of()).text("fit.yml", text, folder);
    }
  }

  @AfterEach
  void stop() {
    flow.close();
  }

  private Path tensors() throws IOException {
    StringBuilder rows = new StringBuilder();
    for (int i = 0; i < 16; i++) {
      rows.append(
          """
          {"tensor": [%d, 0.%d, 1], "tags": {"finetuner_label": "%s"}}
          """
              .formatted(i % 2 == 0 ? 1 : -1, i % 9, i % 2 == 0 ? "even" : "odd"));
    }
    return Files.writeString(folder.resolve("tensors.jsonl"), rows);
  }

  private Run client(String endpoint, String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of("client", endpoint, "--flow=localhost:" + flow.grpcPort(), "--json"));
    arguments.addAll(List.of(more));
    return Run.of(arguments.toArray(String[]::new));
  }

  private static JsonNode result(Run run) {
    assertThat(run.code()).as(run.err()).isEqualTo(ExitCode.OK);
    return JsonMapper.shared().readTree(run.out()).at("/results/trainer");
  }

  private Run fit(String... more) throws IOException {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                tensors().toString(),
                "-p=model=mlp",
                "-p=model_options={\"input_shape\": 3, \"hidden_sizes\": [4]}",
                "-p=output_dim=2",
                "-p=loss=NTXentLoss",
                "-p=epochs=2",
                "-p=batch_size=8"));
    arguments.addAll(List.of(more));
    return client("/fit", arguments.toArray(String[]::new));
  }

  @Test
  void trainsOnPostedDocumentsAndPublishes() throws Exception {
    JsonNode run = result(fit("-p=run_name=tiny", "-p=eval_queries=tensors.jsonl"));
    assertThat(run.path("id").asString()).isEqualTo("default/tiny");
    assertThat(run.path("documents").asInt()).isEqualTo(16);

    ManagedChannel channel =
        ManagedChannelBuilder.forAddress("127.0.0.1", adminPort).usePlaintext().build();
    try {
      RunsGrpc.RunsBlockingStub runs = RunsGrpc.newBlockingStub(channel);
      List<RunEvent> events = new ArrayList<>();
      runs.watch(WatchRunRequest.newBuilder().setRun("tiny").build()).forEachRemaining(events::add);
      assertThat(events).filteredOn(RunEvent::hasFitStep).hasSize(4);
      assertThat(events).filteredOn(RunEvent::hasEvaluated).hasSize(4);
      assertThat(events.getLast().getRun().getStatus())
          .as(events.getLast().getRun().getDetails())
          .isEqualTo(RunStatus.FINISHED);
      assertThat(runs.get(GetRunRequest.newBuilder().setRun("tiny").build()).getArtifact())
          .isEqualTo("mlp@1");
    } finally {
      channel.shutdownNow();
    }
    assertThat(result(client("/runs/status", "-p=run=tiny")).path("status").asString())
        .isEqualTo("FINISHED");
    assertThat(folder.resolve("models/mlp/1/model.onnx")).isNotEmptyFile();

    Path saved = folder.resolve("saved.protobuf");
    assertThat(
            result(client("/runs/save", "-p=run=tiny", "--out=" + saved))
                .path("artifact")
                .asString())
        .isEqualTo("mlp@1");
    assertThat(saved).isNotEmptyFile();
  }

  @Test
  void documentsOfManyRequestsTrainOneRun() throws Exception {
    Run fit = fit("-p=run_name=many", "--request-size=6");
    JsonNode run = result(fit);
    assertThat(fit.err()).contains("16 documents sent in requests of 6");
    assertThat(run.path("documents").asInt()).isEqualTo(16);
    JsonNode gone = result(client("/fit/data/list"));
    assertThat(gone.path("datasets")).isEmpty();
    assertThat(Run.of("runs", "logs", "many", "--follow", "--runs=" + folder.resolve("runs")).out())
        .contains("published as mlp@1");

    // as any client does that splits its documents: a stream of three requests, then /fit
    List<JsonNode> answers =
        client("/fit/data", tensors().toString(), "-p=dataset=mine", "--request-size=6")
            .out()
            .lines()
            .map(line -> JsonMapper.shared().readTree(line).at("/results/trainer/documents"))
            .toList();
    assertThat(answers).hasSize(3);
    assertThat(answers).extracting(JsonNode::asInt).contains(16);
    JsonNode second =
        result(
            client(
                "/fit",
                "-p=train_data=dataset:mine",
                "-p=model=mlp",
                "-p=model_options={\"input_shape\": 3, \"hidden_sizes\": [4]}",
                "-p=loss=NTXentLoss",
                "-p=epochs=1",
                "-p=batch_size=8"));
    assertThat(second.path("documents").asInt()).isEqualTo(16);
    String id = second.path("id").asString();
    assertThat(Run.of("runs", "logs", id, "--follow", "--runs=" + folder.resolve("runs")).code())
        .isEqualTo(ExitCode.OK);
  }

  private Run local(String... arguments) {
    return runs(List.of("--runs=" + folder.resolve("runs")), arguments);
  }

  private Run remote(String... arguments) {
    return runs(List.of("--address=localhost:" + adminPort), arguments);
  }

  private static Run runs(List<String> where, String... arguments) {
    List<String> all = new ArrayList<>(List.of("runs"));
    all.addAll(List.of(arguments));
    all.addAll(where);
    return Run.of(all.toArray(String[]::new));
  }

  @Test
  void theRunsOfATrainerAreShownAsThoseOfAFolder() throws Exception {
    assertThat(remote("list").err()).startsWith("no runs at localhost:" + adminPort);
    var _ = result(fit("-p=run_name=tiny", "-p=eval_queries=tensors.jsonl"));
    Run followed = remote("metrics", "tiny", "--follow");
    assertThat(followed.code()).as(followed.err()).isEqualTo(ExitCode.OK);
    assertThat(followed.out()).contains("step 4, epoch 2: loss ", "evaluation, after training");
    for (String[] command :
        new String[][] {
          {"list"},
          {"list", "--experiment=other"},
          {"status", "tiny"},
          {"logs", "default/tiny"},
          {"logs", "tiny", "--follow"},
          {"metrics", "tiny"},
          {"metrics", "tiny", "--json"},
          {"metrics", "tiny", "-f", "--json"},
          {"cancel", "tiny"},
          {"resume", "tiny"},
          {"status", "tinny"},
          {"save", "tinny"},
        }) {
      Run here = local(command);
      Run there = remote(command);
      assertThat(there.out()).as(String.join(" ", command)).isEqualTo(here.out());
      assertThat(there.code()).as(there.err()).isEqualTo(here.code());
      if (here.code() != ExitCode.OK) {
        assertThat(there.err()).isEqualTo(here.err());
      }
    }
    assertThat(json(remote("list", "--json")).get(0).properties())
        .containsExactlyElementsOf(withoutFolder(json(local("list", "--json")).get(0)));
    assertThat(json(remote("status", "tiny", "--json")).properties())
        .containsExactlyElementsOf(withoutFolder(json(local("status", "tiny", "--json"))));

    Run saved = remote("save", "tiny", folder.resolve("saved").toString());
    assertThat(saved.out()).contains("default/tiny: mlp@1 in ");
    assertThat(folder.resolve("saved")).isDirectoryContaining("glob:**/tiny.zip");
    Run imported =
        Run.of(
            "models",
            "import",
            folder.resolve("saved/tiny.zip").toString(),
            "--store=" + folder.resolve("other"));
    assertThat(imported.code()).as(imported.err()).isEqualTo(ExitCode.OK);
    assertThat(remote("delete", "tiny").out()).isEqualTo("default/tiny: deleted\n");
    assertThat(json(local("list", "--json"))).isEmpty();
  }

  private static JsonNode json(Run run) {
    assertThat(run.code()).as(run.err()).isEqualTo(ExitCode.OK);
    return JsonMapper.shared().readTree(run.out());
  }

  /// A folder of another machine is of no use.
  private static Set<Map.Entry<String, JsonNode>> withoutFolder(JsonNode run) {
    ((ObjectNode) run).putNull("folder");
    return run.properties();
  }

  @Test
  void aTrainerWithATokenAsksForIt() throws Exception {
    flow.close();
    flow = EmbeddedFlow.start(plan("      admin_token: a-token-that-is-long\n"));
    Run without = remote("list");
    assertThat(without.code()).isEqualTo(ExitCode.FAILURE);
    assertThat(without.err()).contains("authorization: not the admin token");
    assertThat(remote("list", "--token=another-one-as-long").err())
        .contains("authorization: not the admin token")
        .doesNotContain("another-one-as-long");
    Run with = remote("list", "--token=a-token-that-is-long");
    assertThat(with.code()).as(with.err()).isEqualTo(ExitCode.OK);
    assertThat(Run.of("runs", "list", "--token=a").err()).contains("--token: without --address");
    assertThat(remote("list", "--runs=x").err()).contains("--runs: beside --address");
    flow.close();
    assertThat(remote("list").err())
        .contains("localhost:" + adminPort + ": ")
        .contains("Connection refused");
    flow = EmbeddedFlow.start(plan(""));
  }

  @Test
  void refusesWhatIsWrongAndWhatIsForAdministrators() throws IOException {
    Run unknown = fit("-p=epoch=3");
    assertThat(unknown.code()).isEqualTo(ExitCode.USAGE);
    assertThat(unknown.err()).contains("epoch: unknown key (expected: did you mean epochs?");
    Run outside = client("/fit", "-p=model=mlp", "-p=train_data=/etc/passwd");
    assertThat(outside.code()).isEqualTo(ExitCode.FAILURE);
    assertThat(outside.err())
        .contains("train_data: /etc/passwd (expected: a path within data_root)");
    Run delete = client("/runs/delete", "-p=run=tiny");
    assertThat(delete.code()).isEqualTo(ExitCode.FAILURE);
    assertThat(result(client("/runs")).path("runs")).isEmpty();
  }

  @Test
  void answersOverHttp() throws Exception {
    HttpResponse<String> answer =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:%d/runs/status".formatted(flow.webPort())))
                    .header("content-type", "application/json")
                    .POST(
                        HttpRequest.BodyPublishers.ofString("{\"parameters\": {\"run\": \"no\"}}"))
                    .build(),
                HttpResponse.BodyHandlers.ofString());
    assertThat(answer.body()).contains("NOT_FOUND", "run: no is not there");
  }
}
