package io.attune.gateway.router;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.attune.document.Document;
import io.attune.document.DocumentArray;
import io.attune.gateway.graph.Node;
import io.attune.gateway.graph.Plans;
import io.attune.gateway.graph.Topology;
import io.attune.gateway.message.Envelope;
import io.attune.proto.jina.DataRequestProto;
import io.attune.proto.jina.HeaderProto;
import io.attune.proto.jina.RouteProto;
import io.attune.runtime.Access;
import io.attune.runtime.CallMetadata;
import io.attune.runtime.ModelVersion;
import io.attune.runtime.channel.Discovery;
import io.attune.runtime.testing.Requests;
import io.grpc.Metadata;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A router over executors that a test replaces. Merging runs in the caller's thread, so an answer
/// is there when `route` returns.
abstract class RouterHarness {
  static final String ENDPOINT = "/search";

  final Map<String, FakeExecutor> executors = new LinkedHashMap<>();
  final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  List<ModelVersion> live = List.of();
  RouterLimits limits = RouterLimits.standard();
  final List<Boolean> ended = new ArrayList<>();

  /// What searches are stamped with, by their identity; as others where it is null.
  @Nullable Function<String, List<ModelVersion>> searching;

  /// How searches are asked again; null where they are not.
  LiveModels.@Nullable Shadow shadow;

  void route(Router router, String endpoint, CallMetadata said) {
    router.route(
        new Inbound(Envelope.from(Requests.of(endpoint, "x")), said, new Metadata()), _ -> {});
  }

  /// A router whose executors can be replaced until it is used.
  Router router(List<Node> nodes, String... ends) {
    Map<String, Discovery> discovered = new HashMap<>();
    for (Node node : nodes) {
      executors.put(node.name(), FakeExecutor.appending(node.name()));
      discovered.put(
          node.name(),
          new Discovery(
              Map.of(
                  ENDPOINT,
                  Access.READ,
                  "/count",
                  Access.READ,
                  "/index",
                  Access.WRITE,
                  "/clear",
                  Access.ADMIN)));
    }
    Topology topology = Topology.of(nodes, List.of(ends));
    List<Backend> backends =
        topology.nodes().stream().<Backend>map(node -> new Late(node.name())).toList();
    Router router =
        new Router("gateway", topology, backends, new Stamping(), limits, meters, Runnable::run);
    router.open(Plans.of(topology, discovered));
    return router;
  }

  private final class Stamping implements LiveModels {
    @Override
    public Stamp stamp(List<ModelVersion> chosen) {
      return LiveModels.fixed(live).stamp(chosen);
    }

    @Override
    public Stamp search(List<ModelVersion> chosen, Supplier<String> identity) {
      if (searching == null) {
        return stamp(chosen);
      }
      List<ModelVersion> models = searching.apply(identity.get());
      return new Stamp() {
        @Override
        public List<ModelVersion> models() {
          return models;
        }

        @Override
        public void ended(boolean isAnswered, long nanos) {
          ended.add(isAnswered);
        }

        @Override
        public List<LiveModels.Shadow> shadows() {
          return shadow == null ? List.of() : List.of(shadow);
        }
      };
    }
  }

  private final class Late implements Backend {
    private final String name;

    Late(String name) {
      this.name = name;
    }

    @Override
    public void call(List<Envelope> parts, Metadata headers, Reply reply) {
      executor(name).call(parts, headers, reply);
    }

    @Override
    public String address() {
      return executor(name).address();
    }
  }

  FakeExecutor executor(String name) {
    return Objects.requireNonNull(executors.get(name), name);
  }

  static Outcome outcome(Router router, DataRequestProto request) {
    List<Outcome> outcomes = new ArrayList<>();
    router.route(Inbound.of(Envelope.from(request)), outcomes::add);
    assertThat(outcomes).hasSize(1);
    return outcomes.getFirst();
  }

  static DataRequestProto answered(Router router, DataRequestProto request) throws Exception {
    Outcome outcome = outcome(router, request);
    assertThat(outcome)
        .as(outcome.message().header().toString())
        .isInstanceOf(Outcome.Answered.class);
    return outcome.message().toProto();
  }

  static List<String> texts(DataRequestProto answer) {
    return Requests.documents(answer).stream().map(Document::text).toList();
  }

  static List<String> routes(DataRequestProto answer) {
    return answer.getRoutesList().stream().map(RouteProto::getExecutor).toList();
  }

  static DataRequestProto header(
      DataRequestProto request, java.util.function.Consumer<HeaderProto.Builder> change) {
    HeaderProto.Builder header = request.getHeader().toBuilder();
    change.accept(header);
    return request.toBuilder().setHeader(header).build();
  }

  static FakeExecutor tagging(String name) {
    return new FakeExecutor(
        name,
        request -> {
          DocumentArray documents = Requests.documents(request);
          documents.forEach(document -> document.tag(name, true));
          return with(request, documents);
        });
  }

  static FakeExecutor adding(String text) {
    return new FakeExecutor(
        text,
        request -> {
          DocumentArray documents = Requests.documents(request);
          documents.add(Document.ofText(text));
          return with(request, documents);
        });
  }

  static FakeExecutor returning(String name) {
    Struct own = Struct.newBuilder().putFields("n", number(1)).build();
    Struct results =
        Struct.newBuilder().putFields(name, Value.newBuilder().setStructValue(own).build()).build();
    return new FakeExecutor(
        name,
        request ->
            Requests.with(
                request,
                Struct.newBuilder()
                    .putFields("__results__", Value.newBuilder().setStructValue(results).build())
                    .build()));
  }

  static DataRequestProto with(DataRequestProto request, DocumentArray documents) {
    DataRequestProto.Builder answer = request.toBuilder();
    answer.getDataBuilder().setDocs(documents.toProto());
    return answer.build();
  }

  static DataRequestProto pickled(DataRequestProto request, String bytes) {
    DataRequestProto.Builder answer = request.toBuilder();
    answer.getDataBuilder().setDocsBytes(ByteString.copyFromUtf8(bytes));
    return answer.build();
  }

  static Value number(double value) {
    return Value.newBuilder().setNumberValue(value).build();
  }

  static Value text(String value) {
    return Value.newBuilder().setStringValue(value).build();
  }
}
