package io.attune.cli.rollout;

import com.google.protobuf.Struct;
import io.attune.cli.client.FlowAnswer;
import io.attune.cli.client.FlowClient;
import io.attune.document.Document;
import io.attune.document.DocumentArray;
import io.attune.document.json.StructJson;
import io.attune.flows.FlowPlan;
import io.attune.flows.Flows;
import io.attune.gateway.embedded.EmbeddedFlow;
import io.attune.models.ModelStore;
import io.attune.models.testing.PlantedModels;
import io.attune.proto.attune.Rollout;
import io.attune.proto.attune.RolloutOptions;
import io.attune.proto.attune.RolloutRequest;
import io.attune.proto.attune.RolloutsGrpc;
import io.attune.proto.attune.StartRolloutRequest;
import io.attune.runtime.registry.ExecutorRegistry;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/// An embedded Flow with planted models: version 1 is of slot 0, version 2 of slot 1.
final class PlantedFlow implements AutoCloseable {
  static final String ENCODER =
      """
      jtype: Flow
      gateway: {protocol: GRPC, port: 0, host: 127.0.0.1, attune: {admin_port: 0}}
      executors:
        - {name: encoder, uses: Encoder, uses_with: {model: m, store: "%s", sessions: 1}}
      """;

  final ModelStore store;
  final EmbeddedFlow flow;
  final ManagedChannel channel;
  final ManagedChannel admin;

  private PlantedFlow(ModelStore store, EmbeddedFlow flow) {
    this.store = store;
    this.flow = flow;
    this.channel = channel(flow.grpcPort());
    this.admin = channel(flow.adminPort());
  }

  private static ManagedChannel channel(int port) {
    return ManagedChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
  }

  static ModelStore publish(Path folder) {
    ModelStore store = ModelStore.at(folder.resolve("models"));
    if (store.versions("m").isEmpty()) {
      var _ = PlantedModels.publish(store, "m", 0);
      var _ = PlantedModels.publish(store, "m", 1);
    }
    return store;
  }

  /// Starts a Flow that begins with version 1.
  static PlantedFlow start(Path folder, String yaml) throws InterruptedException {
    return start(folder, yaml, ExecutorRegistry.load());
  }

  static PlantedFlow start(Path folder, String yaml, ExecutorRegistry executors)
      throws InterruptedException {
    ModelStore store = publish(folder);
    FlowPlan plan =
        Flows.with(Map.of())
            .text("planted.yml", yaml.formatted(store.root()), folder)
            .withWorkspace(folder.resolve("state"));
    return new PlantedFlow(store, EmbeddedFlow.start(plan, executors));
  }

  /// Indexes texts, by id.
  static void index(FlowClient client, Map<String, String> texts) {
    DocumentArray documents = DocumentArray.of();
    texts.forEach((id, text) -> documents.add(Document.ofText(text).id(id)));
    var _ = client.post("/index", documents, Struct.getDefaultInstance());
  }

  /// The answer to one search, with at most so many matches.
  static FlowAnswer search(FlowClient client, String text, int limit) {
    List<FlowAnswer> answers = new ArrayList<>();
    client.post(
        "/search",
        List.of(Document.ofText(text)).iterator(),
        StructJson.of(Map.of("limit", limit)),
        1,
        answers::add);
    return answers.getFirst();
  }

  /// Says of two documents that an answer showed that one is meant, and the other not.
  static void judge(FlowClient client, FlowAnswer answer, String relevant, String irrelevant) {
    String request = answer.message().getHeader().getRequestId();
    var _ =
        client.post(
            "/feedback",
            DocumentArray.of(),
            StructJson.of(
                Map.of("request_id", request, "relevant", relevant, "irrelevant", irrelevant)));
  }

  RolloutsGrpc.RolloutsBlockingStub rollouts() {
    return RolloutsGrpc.newBlockingStub(admin);
  }

  /// Starts a rollout of the model `m`.
  Rollout swap(String version, RolloutOptions.Builder options) {
    return rollouts()
        .start(
            StartRolloutRequest.newBuilder()
                .setModel("m")
                .setVersion(version)
                .setOptions(options)
                .build());
  }

  /// Watches a rollout until it is somewhere.
  Rollout await(String id, Predicate<Rollout> there) {
    Iterator<Rollout> told = rollouts().watch(RolloutRequest.newBuilder().setRollout(id).build());
    Rollout last = Rollout.getDefaultInstance();
    while (told.hasNext()) {
      last = told.next();
      if (there.test(last)) {
        return last;
      }
    }
    throw new AssertionError("ended as " + last);
  }

  @Override
  public void close() {
    channel.shutdownNow();
    admin.shutdownNow();
    flow.close();
  }
}
