package io.attune.cli.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.attune.cli.Run;
import io.attune.document.Document;
import io.attune.document.DocumentArray;
import io.attune.document.NdArray;
import io.attune.models.testing.PlantedModels;
import io.attune.proto.attune.Rollout;
import io.attune.proto.attune.RolloutComparison;
import io.attune.proto.attune.RolloutRequest;
import io.attune.proto.attune.RolloutState;
import io.attune.proto.jina.DataRequestProto;
import io.attune.proto.jina.JinaSingleDataRequestRPCGrpc;
import io.attune.proto.jina.StatusProto.StatusCode;
import io.attune.runtime.CallMetadata;
import io.attune.runtime.testing.Requests;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A new version that is only compared, in an embedded Flow with an index and feedback.
///
/// The two versions rank alike. What sets them apart are documents that came with vectors of their
/// own, which the index of the new version goes without.
@Timeout(180)
class ShadowFlowTest {
  private static final int DOCUMENTS = 60;
  private static final int OWN = 20;
  private static final int QUERIES = 100;
  private static final int PACE = 20;
  private static final String FLOW =
      PlantedFlow.ENCODER.replace("model: m,", "model: m@1,")
          + "  - {name: indexer, uses: Indexer}\n"
          + "  - {name: feedback, uses: Feedback}\n";

  @TempDir private Path folder;

  private static DataRequestProto post(
      PlantedFlow flow,
      String endpoint,
      DocumentArray documents,
      Map<String, Value> parameters,
      String version) {
    Metadata headers = new Metadata();
    if (!version.isEmpty()) {
      headers.put(CallMetadata.MODEL, version);
    }
    DataRequestProto answer =
        JinaSingleDataRequestRPCGrpc.newBlockingStub(flow.channel)
            .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
            .processSingleData(
                Requests.with(
                    Requests.of(endpoint, documents),
                    Struct.newBuilder().putAllFields(parameters).build()));
    assertThat(answer.getHeader().getStatus().getCode())
        .as(answer.getHeader().getStatus().getDescription())
        .isNotEqualTo(StatusCode.ERROR);
    return answer;
  }

  private static Value truth(boolean value) {
    return Value.newBuilder().setBoolValue(value).build();
  }

  private static DataRequestProto search(
      PlantedFlow flow, int query, boolean isNoted, String version) {
    DocumentArray asked = DocumentArray.of(Document.ofText(PlantedModels.text(query)));
    return post(
        flow, "/search", asked, isNoted ? Map.of() : Map.of("impressions", truth(false)), version);
  }

  private static void index(PlantedFlow flow) {
    DocumentArray documents = DocumentArray.of();
    for (int i = 0; i < DOCUMENTS; i++) {
      documents.add(Document.ofText(PlantedModels.text(i)).id("doc-" + i));
    }
    post(flow, "/index", documents, Map.of(), "");
    DocumentArray own = DocumentArray.of();
    for (int i = DOCUMENTS; i < DOCUMENTS + OWN; i++) {
      Document document = Document.ofText(PlantedModels.text(i)).id("own-" + i);
      document.embedding(
          NdArray.of(PlantedModels.embedding(document.text(), 0), PlantedModels.DIMENSION));
      own.add(document);
    }
    String space = flow.store.resolve("m@1").artifact().space().id();
    post(
        flow, "/index", own, Map.of("space", Value.newBuilder().setStringValue(space).build()), "");
  }

  private static Set<String> found(DataRequestProto answer) {
    return Requests.documents(answer).getFirst().matches().stream()
        .limit(10)
        .map(Document::id)
        .collect(Collectors.toSet());
  }

  private static Value result(DataRequestProto answer, String executor, String name) {
    return answer
        .getParameters()
        .getFieldsOrThrow("__results__")
        .getStructValue()
        .getFieldsOrThrow(executor)
        .getStructValue()
        .getFieldsOrThrow(name);
  }

  private static double noted(PlantedFlow flow) {
    DataRequestProto status = post(flow, "/feedback/status", DocumentArray.of(), Map.of(), "");
    return result(status, "feedback", "impressions")
        .getStructValue()
        .getFieldsOrThrow("kept")
        .getNumberValue();
  }

  /// The mean share of the first ten that both versions find, asked by their names.
  private static double agreement(PlantedFlow flow) {
    double sum = 0;
    for (int i = 0; i < QUERIES; i++) {
      Set<String> one = found(search(flow, i, false, "m@1"));
      Set<String> two = found(search(flow, i, false, "m@2"));
      Set<String> both = new HashSet<>(one);
      both.retainAll(two);
      sum += (double) both.size() / Math.max(one.size(), two.size());
    }
    return sum / QUERIES;
  }

  @Test
  void comparesTheAnswersAndShowsThoseOfTheLiveVersion() throws Exception {
    try (PlantedFlow flow = PlantedFlow.start(folder, FLOW)) {
      index(flow);
      String[] swap = {
        "swap", "m@2", "--shadow", "--drop", "--drain", "0", "--no-watch", "--address", ""
      };
      swap[swap.length - 1] = "127.0.0.1:" + flow.flow.adminPort();
      Run started = Run.of(swap);
      assertThat(started.err()).isEmpty();
      String id = started.out().strip();
      flow.await(id, each -> each.getState() == RolloutState.CANARY && each.getReached());
      double expected = agreement(flow);
      assertThat(expected).isBetween(0.3, 0.95);

      for (int i = 0; i < QUERIES; i++) {
        DataRequestProto answer = search(flow, i, true, "");
        assertThat(result(answer, "encoder", "model").getStringValue()).isEqualTo("m@1");
        long sent = i + 1L;
        if (sent % PACE == 0) {
          flow.await(id, each -> each.getComparison().getCompared() >= sent);
        }
      }
      Rollout seen = flow.await(id, each -> each.getComparison().getCompared() == QUERIES);
      RolloutComparison comparison = seen.getComparison();
      assertThat(comparison.getAgreement()).isCloseTo(expected, within(0.005));
      assertThat(comparison.getFrom().getSearches()).isEqualTo(QUERIES);
      assertThat(comparison.getTo().getSearches()).isEqualTo(QUERIES);
      assertThat(comparison.getTo().getErrors()).isZero();
      assertThat(comparison.getDropped()).isZero();
      Run listed = Run.of("rollouts", "--address", "127.0.0.1:" + flow.flow.adminPort());
      assertThat(listed.out())
          .contains("shadow (100 %)")
          .contains("agreement@10: %.3f over 100 searches".formatted(comparison.getAgreement()));

      while (noted(flow) < QUERIES) {
        Thread.sleep(5);
      }
      search(flow, 0, true, "");
      flow.await(id, each -> each.getComparison().getCompared() == QUERIES + 1);
      while (noted(flow) < QUERIES + 1) {
        Thread.sleep(5);
      }
      assertThat(noted(flow)).isEqualTo(QUERIES + 1);

      flow.rollouts().proceed(RolloutRequest.newBuilder().setRollout(id).build());
      Rollout over =
          flow.await(id, each -> each.getState() == RolloutState.RETIRED && each.getReached());
      assertThat(over.getComparison().getCompared()).isEqualTo(QUERIES + 1);
      assertThat(List.of(result(search(flow, 0, true, ""), "encoder", "model").getStringValue()))
          .containsExactly("m@2");
    }
  }
}
