package io.attune.cli.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.protobuf.Value;
import io.attune.cli.Run;
import io.attune.document.DocumentArray;
import io.attune.proto.attune.Rollout;
import io.attune.proto.attune.RolloutComparison;
import io.attune.proto.attune.RolloutRequest;
import io.attune.proto.attune.RolloutState;
import io.attune.proto.jina.DataRequestProto;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A new version that is only compared, in an embedded Flow with an index and feedback.
@Timeout(180)
class ShadowFlowTest {
  private static final int QUERIES = 100;
  private static final int PACE = 20;

  @TempDir private Path folder;

  @Test
  void comparesTheAnswersAndShowsThoseOfTheLiveVersion() throws Exception {
    try (PlantedFlow flow = PlantedFlow.start(folder, ComparedFlow.YAML)) {
      ComparedFlow.index(flow);
      String[] swap = {
        "swap", "m@2", "--shadow", "--drop", "--drain", "0", "--no-watch", "--address", ""
      };
      swap[swap.length - 1] = "127.0.0.1:" + flow.flow.adminPort();
      Run started = Run.of(swap);
      assertThat(started.err()).isEmpty();
      String id = started.out().strip();
      flow.await(id, each -> each.getState() == RolloutState.CANARY && each.getReached());
      double expected =
          IntStream.range(0, QUERIES)
              .mapToDouble(i -> ComparedFlow.agreement(flow, i))
              .average()
              .orElseThrow();
      assertThat(expected).isBetween(0.3, 0.95);

      Map<String, String> shown = new TreeMap<>(); // what only the live version finds
      for (int i = 0; i < QUERIES; i++) {
        DataRequestProto answer = ComparedFlow.search(flow, i, true, "");
        assertThat(ComparedFlow.result(answer, "encoder", "model").getStringValue())
            .isEqualTo("m@1");
        ComparedFlow.first(answer).stream()
            .filter(document -> document.startsWith("own-"))
            .findFirst()
            .ifPresent(own -> shown.put(answer.getHeader().getRequestId(), own));
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

      // a copy that was noted would stand in place of the search that it is a copy of
      assertThat(shown).hasSizeGreaterThan(10);
      shown.forEach((request, document) ->
          ComparedFlow.post(
              flow,
              "/feedback",
              DocumentArray.of(),
              Map.of("request_id", text(request), "relevant", text(document)),
              ""));
      DataRequestProto status =
          ComparedFlow.post(flow, "/feedback/status", DocumentArray.of(), Map.of(), "");
      assertThat(
              ComparedFlow.result(status, "feedback", "versions").getStructValue().getFieldsMap())
          .containsOnlyKeys("m@1");

      flow.rollouts().proceed(RolloutRequest.newBuilder().setRollout(id).build());
      Rollout over =
          flow.await(id, each -> each.getState() == RolloutState.RETIRED && each.getReached());
      assertThat(over.getComparison().getCompared()).isEqualTo(QUERIES);
      assertThat(
              List.of(
                  ComparedFlow.result(ComparedFlow.search(flow, 0, true, ""), "encoder", "model")
                      .getStringValue()))
          .containsExactly("m@2");
    }
  }

  private static Value text(String value) {
    return Value.newBuilder().setStringValue(value).build();
  }
}
