package io.attune.cli.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.protobuf.Value;
import io.attune.cli.Run;
import io.attune.document.DocumentArray;
import io.attune.proto.attune.OwnVectors;
import io.attune.proto.attune.Rollout;
import io.attune.proto.attune.RolloutOptions;
import io.attune.proto.attune.RolloutRequest;
import io.attune.proto.attune.RolloutState;
import io.attune.proto.attune.VersionJudgments;
import io.attune.proto.jina.DataRequestProto;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A canary in an embedded Flow with an index and feedback: how far the answers of its versions
/// agree, and what people say of them.
@Timeout(180)
class JudgedCanaryTest {
  @TempDir private Path folder;

  /// What the test said of the searches of one version.
  private static final class Said {
    private final List<Double> reciprocalRanks = new ArrayList<>();
    private int relevant;
    private int irrelevant;
  }

  /// Judges an answer as its number has it: not at all, that the first match is wrong, or that and
  /// that a later one is right.
  private static void judge(PlantedFlow flow, int number, DataRequestProto answer, Said said) {
    List<String> shown = ComparedFlow.first(answer);
    String request = answer.getHeader().getRequestId();
    int rank = number % 4;
    if (rank == 0) {
      return;
    }
    feedback(flow, request, "irrelevant", shown.getFirst());
    said.irrelevant++;
    if (rank == 1) {
      said.reciprocalRanks.add(0.0);
      return;
    }
    feedback(flow, request, "relevant", shown.get(rank - 1));
    said.relevant++;
    said.reciprocalRanks.add(1.0 / rank);
  }

  private static void feedback(PlantedFlow flow, String request, String said, String document) {
    Value id = Value.newBuilder().setStringValue(request).build();
    Value of = Value.newBuilder().setStringValue(document).build();
    var _ =
        ComparedFlow.post(
            flow, "/feedback", DocumentArray.of(), Map.of("request_id", id, said, of), "");
  }

  private static void isTold(Said said, VersionJudgments told) {
    double mean =
        said.reciprocalRanks.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
    assertThat(told.getSearches()).isEqualTo(said.reciprocalRanks.size());
    assertThat(told.getRelevant()).isEqualTo(said.relevant);
    assertThat(told.getIrrelevant()).isEqualTo(said.irrelevant);
    assertThat(told.getReciprocalRank()).isCloseTo(mean, within(1e-9));
    assertThat(told.getReciprocalRankLow()).isPositive().isLessThan(mean);
    assertThat(told.getReciprocalRankHigh()).isGreaterThan(mean).isLessThan(0.5);
  }

  @Test
  void tellsHowTheAnswersAgreeAndWhatPeopleSayOfThem() throws InterruptedException {
    try (PlantedFlow flow = PlantedFlow.start(folder, ComparedFlow.YAML)) {
      ComparedFlow.index(flow);
      judge(flow, 2, ComparedFlow.search(flow, 0, true, ""), new Said()); // before the canary
      RolloutOptions.Builder options =
          RolloutOptions.newBuilder()
              .setCanaryShare(0.5)
              .setDrainSeconds(0)
              .setOwnVectors(OwnVectors.OWN_VECTORS_DROP);
      String id = flow.swap("2", options).getId();
      flow.await(id, each -> each.getState() == RolloutState.CANARY && each.getReached());

      Said old = new Said();
      Said next = new Said();
      List<Double> agreed = new ArrayList<>();
      for (int i = 0; i < 80; i++) {
        DataRequestProto answer = ComparedFlow.search(flow, i, true, "");
        String version = ComparedFlow.result(answer, "encoder", "model").getStringValue();
        judge(flow, i, answer, version.equals("m@1") ? old : next);
        if (version.equals("m@2")) {
          agreed.add(ComparedFlow.agreement(flow, i));
        }
      }
      assertThat(agreed).hasSizeBetween(20, 60);
      Rollout seen =
          flow.await(
              id,
              each ->
                  each.getComparison().getCompared() == agreed.size()
                      && each.getComparison().getFrom().getSearches() == 80 - agreed.size());
      double expected = agreed.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
      assertThat(expected).isBetween(0.3, 0.95);
      assertThat(seen.getComparison().getAgreement()).isCloseTo(expected, within(0.005));
      assertThat(seen.getComparison().getDropped()).isZero();
      assertThat(seen.getComparison().getFrom().getSearches()).isEqualTo(80 - agreed.size());
      assertThat(seen.getComparison().getTo().getSearches()).isEqualTo(agreed.size());

      flow.rollouts().proceed(RolloutRequest.newBuilder().setRollout(id).build());
      flow.await(id, each -> each.getState() == RolloutState.RETIRED && each.getReached());
      int judged = old.reciprocalRanks.size() + next.reciprocalRanks.size();
      VersionJudgments from;
      VersionJudgments to;
      do {
        seen = flow.rollouts().get(RolloutRequest.newBuilder().setRollout(id).build());
        from = seen.getComparison().getFrom().getJudged();
        to = seen.getComparison().getTo().getJudged();
      } while (from.getSearches() + to.getSearches() < judged);
      isTold(old, from);
      isTold(next, to);
      assertThat(Run.of("rollouts", "--address", "127.0.0.1:" + flow.flow.adminPort()).out())
          .contains("agreement@10: %.3f over %d searches".formatted(expected, agreed.size()))
          .containsPattern("judged +searches +relevant +irrelevant +reciprocal rank +95 % interval")
          .containsPattern(
              "m@2 +%d +%d +%d +%.4f +0\\.\\d{4}\\.\\.0\\.\\d{4}"
                  .formatted(
                      next.reciprocalRanks.size(),
                      next.relevant,
                      next.irrelevant,
                      to.getReciprocalRank()));
      assertThat(
              Run.of("rollouts", "--json", "--address", "127.0.0.1:" + flow.flow.adminPort()).out())
          .contains("\"judged\"")
          .contains("\"reciprocal_rank_high\"");
    }
  }
}
