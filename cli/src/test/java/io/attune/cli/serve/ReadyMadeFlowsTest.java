package io.attune.cli.serve;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.attune.document.Document;
import io.attune.document.DocumentArray;
import io.attune.flows.FlowPlan;
import io.attune.flows.Flows;
import io.attune.flows.Protocol;
import io.attune.gateway.embedded.EmbeddedFlow;
import io.attune.proto.jina.DataRequestProto;
import io.attune.proto.jina.JinaSingleDataRequestRPCGrpc;
import io.attune.proto.jina.StatusProto.StatusCode;
import io.attune.runtime.testing.Requests;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/// Every ready-made Flow that searches, started with the executors it names.
@Timeout(300)
class ReadyMadeFlowsTest {
  static final List<String> NAMES =
      Flows.NAMES.stream()
          .filter(name -> !name.equals("fit") && !name.equals("learn"))
          .toList(); // see FitFlowTest and LearnFlowTest

  @TempDir private Path folder;

  @ParameterizedTest
  @FieldSource("NAMES")
  void startsIndexesSearchesAndEvaluates(String name) throws Exception {
    try (EmbeddedFlow flow = EmbeddedFlow.start(onFreePorts(Flows.with(Map.of()).named(name)))) {
      ManagedChannel channel =
          ManagedChannelBuilder.forAddress("127.0.0.1", flow.grpcPort()).usePlaintext().build();
      try {
        JinaSingleDataRequestRPCGrpc.JinaSingleDataRequestRPCBlockingStub stub =
            JinaSingleDataRequestRPCGrpc.newBlockingStub(channel);
        DocumentArray answers =
            DocumentArray.of(
                Document.ofText("Plug the charger in and wait for the green light.").id("charge"),
                Document.ofText("Invoices are mailed on the first of each month.").id("invoice"));
        ok(stub.processSingleData(Requests.of("/index", answers)));

        DocumentArray queries = DocumentArray.of(Document.ofText("When is the bill sent?").id("q"));
        DocumentArray found =
            Requests.documents(ok(stub.processSingleData(Requests.of("/search", queries))));
        assertThat(found.getFirst().matches())
            .extracting(Document::id)
            .containsExactly("invoice", "charge");

        found.getFirst().tag("ground_truth", "invoice");
        DataRequestProto scored = ok(stub.processSingleData(Requests.of("/evaluate", found)));
        assertThat(hit(scored)).isEqualTo(1);
      } finally {
        channel.shutdownNow();
      }
      assertThat(flow.webPort()).isPositive();
    }
  }

  private static DataRequestProto ok(DataRequestProto answer) {
    assertThat(answer.getHeader().getStatus().getCode())
        .as(answer.getHeader().getStatus().getDescription())
        .isNotEqualTo(StatusCode.ERROR);
    return answer;
  }

  private static double hit(DataRequestProto answer) {
    Struct at = answer.getParameters();
    for (String key : List.of("__results__", "evaluator", "metrics", "hit")) {
      at = at.getFieldsOrDefault(key, Value.getDefaultInstance()).getStructValue();
    }
    return at.getFieldsOrThrow("value").getNumberValue();
  }

  /// The plan as it is, but on ports that no other process has, its state in a folder of the test.
  private FlowPlan onFreePorts(FlowPlan plan) {
    Map<Protocol, Integer> ports = new TreeMap<>();
    plan.gateway().ports().keySet().forEach(protocol -> ports.put(protocol, 0));
    return plan.withGateway(plan.gateway().withPorts(ports).withHost("127.0.0.1"))
        .withWorkspace(folder);
  }
}
