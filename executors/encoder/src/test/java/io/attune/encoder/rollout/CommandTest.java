package io.attune.encoder.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.proto.attune.MoveRequest;
import io.attune.proto.attune.RolloutState;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.ModelVersion;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class CommandTest {
  private static final MoveRequest REQUEST =
      MoveRequest.newBuilder()
          .setRollout("r")
          .setEpoch(3)
          .setModel("m")
          .setFromVersion("1")
          .setToVersion("2")
          .setFromSpace("a")
          .setToSpace("b")
          .setDimension(4)
          .setState(RolloutState.READY)
          .build();

  @Test
  void readsARequest() {
    assertThat(Command.of(REQUEST))
        .isEqualTo(
            new Command(
                "r",
                3,
                new ModelVersion("m", 1),
                new ModelVersion("m", 2),
                "a",
                "b",
                4,
                RolloutState.READY));
  }

  private static void refused(UnaryOperator<MoveRequest.Builder> change, String message) {
    assertThatThrownBy(() -> Command.of(change.apply(REQUEST.toBuilder()).build()))
        .isInstanceOfSatisfying(
            FlowException.class,
            failure -> assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
        .hasMessageStartingWith(message);
  }

  @Test
  void refusesWhatIsNoCommand() {
    refused(r -> MoveRequest.newBuilder(), "from_version: \"\" (expected: 1..999999999)");
    refused(r -> r.setRollout(" "), "rollout: 1 characters (expected: an id of 1..128)");
    refused(r -> r.setRollout("r".repeat(129)), "rollout: 129 characters");
    refused(r -> r.setEpoch(0), "epoch: 0 (expected: 1..9223372036854775807)");
    refused(r -> r.setEpoch(-1), "epoch: 18446744073709551615");
    refused(r -> r.setModel(""), "model:");
    refused(r -> r.setModel("a,b"), "model: a,b");
    refused(r -> r.setFromVersion("01"), "from_version: \"01\"");
    refused(r -> r.setToVersion("9999999999"), "to_version: \"9999999999\"");
    refused(r -> r.setToVersion("x".repeat(1000)), "to_version: \"" + "x".repeat(40) + "…\"");
    refused(r -> r.setToVersion("1"), "to_version: 1 (expected: another than from_version)");
    refused(r -> r.setDimension(-1), "dimension: 4294967295");
    refused(r -> r.clearState(), "state: rollout_state_unspecified (expected: one of [PREPARING,");
    refused(r -> r.setStateValue(99), "state: unrecognized");
  }

  @Test
  void asksForTheLiveVersionFirst() {
    Command live = Command.of(REQUEST.toBuilder().setState(RolloutState.LIVE).build());
    assertThat(live.held()).isEqualTo(List.of(live.to(), live.from()));
    assertThat(live.expected(live.to())).isEqualTo(new Command.Expected("b", 4));
    assertThat(live.expected(live.from())).isEqualTo(new Command.Expected("a", 0));
  }
}
