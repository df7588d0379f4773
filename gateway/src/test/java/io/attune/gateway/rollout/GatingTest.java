package io.attune.gateway.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.gateway.rollout.record.GateRecord;
import io.attune.gateway.rollout.record.RolloutRecord;
import io.attune.gateway.rollout.record.RolloutSettings;
import io.attune.proto.attune.GateVerdict;
import io.attune.proto.attune.RolloutOptions;
import io.attune.proto.attune.RolloutState;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.ModelVersion;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GatingTest {
  private static final GateVerdict PASSED =
      GateVerdict.newBuilder().setPassed(true).setReason("passed").setQueries(120).build();
  private static final GateVerdict REFUSED =
      GateVerdict.newBuilder().setReason("refused: no better").setQueries(120).build();

  @TempDir Path folder;
  private final FakeJudge judge = new FakeJudge();
  private FlowWorld flow;

  /// Answers what a test says, and notes what it was asked.
  private static final class FakeJudge implements Judge {
    private final List<Question> asked = Collections.synchronizedList(new ArrayList<>());
    private final Deque<Object> answers = new ArrayDeque<>();
    private boolean isMissing;

    synchronized void answer(Object... all) {
      answers.addAll(List.of(all));
    }

    @Override
    public void require() {
      if (isMissing) {
        throw new FlowException(ErrorCode.FAILED_PRECONDITION, "min_gain: 7 queries");
      }
    }

    @Override
    public synchronized GateVerdict judge(Question question) {
      asked.add(question);
      Object answer = Objects.requireNonNull(answers.poll(), "asked too often");
      if (answer instanceof FlowException failure) {
        throw failure;
      }
      int attempt = question.attempts().applyAsInt(120);
      return ((GateVerdict) answer).toBuilder().setAttempt(attempt).build();
    }
  }

  @BeforeEach
  void start() {
    flow = new FlowWorld(folder, FakePeer.encoder(0), FakePeer.shard(0));
    flow.judge = judge;
    flow.start();
  }

  @AfterEach
  void stop() {
    flow.close();
  }

  private RolloutRecord swap(int version, boolean force) {
    RolloutSettings settings =
        RolloutSettings.of(
            RolloutOptions.newBuilder()
                .setMinGain(0.02)
                .setForce(force)
                .setDrainSeconds(0)
                .build());
    return flow.coordinator.start("m", Integer.toString(version), settings, "");
  }

  @Test
  void whatPassesGoesLive() {
    judge.answer(PASSED);

    String id = swap(2, false).id();

    RolloutRecord over = flow.awaitReached(id, RolloutState.RETIRED);
    assertThat(gate(over).passed()).isTrue();
    Judge.Question asked = judge.asked.getFirst();
    assertThat(asked.live()).isEqualTo(new ModelVersion("m", 1));
    assertThat(asked.candidate()).isEqualTo(new ModelVersion("m", 2));
    assertThat(asked.margin()).isEqualTo(0.02);
    assertThat(over.steps().stream().map(RolloutRecord.Step::state))
        .containsSubsequence(RolloutState.READY, RolloutState.LIVE);
  }

  @Test
  void whatDoesNotPassIsPutBackWithTheReason() {
    judge.answer(REFUSED);

    String id = swap(2, false).id();

    RolloutRecord over = flow.awaitReached(id, RolloutState.ROLLOUT_FAILED);
    assertThat(over.reason()).isEqualTo("gate: refused: no better");
    assertThat(flow.live().version()).isEqualTo(1);
    assertThat(over.steps().stream().map(RolloutRecord.Step::state))
        .doesNotContain(RolloutState.LIVE);
  }

  @Test
  void forceGoesOnAndKeepsTheVerdict() {
    judge.answer(REFUSED);

    String id = swap(2, true).id();

    RolloutRecord over = flow.awaitReached(id, RolloutState.RETIRED);
    assertThat(gate(over).reason()).isEqualTo("refused: no better");
    assertThat(flow.live().version()).isEqualTo(2);
  }

  @Test
  void asksAgainWhatCouldNotBeAnswered() {
    judge.answer(
        new FlowException(ErrorCode.UNAVAILABLE, "encoder: away"),
        new FlowException(ErrorCode.UNAVAILABLE, "encoder: away"),
        PASSED);

    String id = swap(2, false).id();

    flow.awaitReached(id, RolloutState.RETIRED);
    assertThat(judge.asked).hasSize(3);
  }

  @Test
  void aQuestionThatCannotBeAnsweredEndsIt() {
    judge.answer(new FlowException(ErrorCode.FAILED_PRECONDITION, "min_gain: 7 queries"));

    String id = swap(2, false).id();

    RolloutRecord over = flow.awaitReached(id, RolloutState.ROLLOUT_FAILED);
    assertThat(over.reason()).isEqualTo("gate: min_gain: 7 queries");
    assertThat(gate(over).queries()).isZero();
  }

  @Test
  void isRefusedAtOnceWhereThereIsNothingToCompare() {
    judge.isMissing = true;

    assertThatThrownBy(() -> swap(2, false)).hasMessageContaining("min_gain: 7 queries");

    assertThat(flow.coordinator.rollouts("m")).isEmpty();
    judge.answer(new FlowException(ErrorCode.FAILED_PRECONDITION, "min_gain: 7 queries"));
    flow.awaitReached(swap(2, true).id(), RolloutState.RETIRED);
  }

  @Test
  void furtherCandidatesAreFurtherAttempts() {
    flow.newest.set(4);
    judge.answer(REFUSED, REFUSED, REFUSED);

    List<Integer> attempts = new ArrayList<>();
    for (int version : List.of(2, 3, 2)) {
      RolloutRecord over =
          flow.awaitReached(swap(version, false).id(), RolloutState.ROLLOUT_FAILED);
      attempts.add(gate(over).attempt());
    }

    assertThat(attempts).containsExactly(1, 2, 1);
  }

  @Test
  void aVerdictSurvivesTheCoordinator() {
    judge.answer(REFUSED);
    String id = swap(2, false).id();
    flow.awaitReached(id, RolloutState.ROLLOUT_FAILED);

    flow.close();
    flow.start();

    assertThat(gate(flow.coordinator.find(id)).reason()).isEqualTo("refused: no better");
    assertThat(judge.asked).hasSize(1);
  }

  private static GateRecord gate(RolloutRecord rollout) {
    return Objects.requireNonNull(rollout.gate());
  }
}
