package io.attune.indexer;

import static io.attune.proto.attune.RolloutState.LIVE;
import static io.attune.proto.attune.RolloutState.RETIRED;
import static io.attune.proto.attune.RolloutState.ROLLED_BACK;
import static io.attune.proto.attune.RolloutState.ROLLOUT_FAILED;

import io.attune.indexer.generation.GenerationSpec;
import io.attune.proto.attune.MoveRequest;
import io.attune.proto.attune.RolloutState;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.ModelVersion;
import io.attune.runtime.channel.Address;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Checks commands of rollouts before anything is done for them.
final class MoveCheck {
  private static final int MAX_NAME = 128;
  private static final Set<RolloutState> BACK = EnumSet.of(ROLLED_BACK, ROLLOUT_FAILED);

  private MoveCheck() {}

  /// @throws FlowException INVALID_ARGUMENT where a command cannot be meant
  static void require(MoveRequest command) {
    requireName("rollout", command.getRollout());
    requireName("model", command.getModel());
    requireName("from_space", command.getFromSpace());
    requireName("to_space", command.getToSpace());
    var _ = ModelVersion.parse(command.getModel() + "@" + command.getFromVersion());
    var _ = ModelVersion.parse(command.getModel() + "@" + command.getToVersion());
    if (command.getEpoch() < 1) {
      throw FlowException.invalid(
          "epoch: %s (expected: 1..%d)"
              .formatted(Long.toUnsignedString(command.getEpoch()), Long.MAX_VALUE));
    }
    requireDimension("dimension", command.getDimension());
    requireDimension("from_dimension", fromDimension(command));
    switch (command.getState()) {
      case ROLLOUT_STATE_UNSPECIFIED, UNRECOGNIZED ->
          throw FlowException.invalid(
              "state: %d (expected: a state of a rollout)".formatted(command.getStateValue()));
      case PREPARING, REINDEXING, READY, CANARY, LIVE, RETIRED, ROLLED_BACK, ROLLOUT_FAILED -> {}
    }
    requireOptions(command);
  }

  /// The length of the vectors of the old space.
  static int fromDimension(MoveRequest command) {
    return command.getFromDimension() == 0 ? command.getDimension() : command.getFromDimension();
  }

  /// The space that goes in the state of a command; empty for none.
  static String leavingSpace(MoveRequest command) {
    return switch (command.getState()) {
      case RETIRED -> command.getFromSpace();
      case ROLLED_BACK, ROLLOUT_FAILED -> command.getToSpace();
      case ROLLOUT_STATE_UNSPECIFIED, PREPARING, REINDEXING, READY, CANARY, LIVE, UNRECOGNIZED ->
          "";
    };
  }

  private static void requireDimension(String what, int dimension) {
    if (dimension < 1 || dimension > GenerationSpec.MAX_DIMENSION) {
      throw FlowException.invalid(
          "%s: %s (expected: 1..%d)"
              .formatted(what, Integer.toUnsignedString(dimension), GenerationSpec.MAX_DIMENSION));
    }
  }

  private static void requireOptions(MoveRequest command) {
    var _ = OwnVectors.of(command);
    if (command.getAllowMissing() < 0) {
      throw FlowException.invalid(
          "allow_missing: %s (expected: 0..%d)"
              .formatted(Long.toUnsignedString(command.getAllowMissing()), Long.MAX_VALUE));
    }
    double rate = command.getDocumentsPerSecond();
    if (!(rate >= 0 && Double.isFinite(rate))) {
      throw FlowException.invalid("documents_per_second: %s (expected: 0 or more)".formatted(rate));
    }
    var _ = Address.parseAll(command.getEncoder());
  }

  private static void requireName(String what, String name) {
    if (name.isBlank()
        || name.length() > MAX_NAME
        || name.chars().anyMatch(Character::isISOControl)) {
      throw FlowException.invalid(
          "%s: %d characters (expected: a name of 1..%d, without control characters)"
              .formatted(what, name.length(), MAX_NAME));
    }
  }

  /// Refuses who does not know of a newer coordinator.
  ///
  /// @param seen the greatest epoch seen for the model
  /// @param held the last rollout; null before the first
  static void requireEpoch(MoveRequest command, long seen, @Nullable Rollout held) {
    if (command.getEpoch() < seen) {
      throw new FlowException(
          ErrorCode.FAILED_PRECONDITION,
          "epoch: %d (expected: at least %d, which was seen for model %s)"
              .formatted(command.getEpoch(), seen, command.getModel()));
    }
    if (held == null || !held.model().equals(command.getModel())) {
      return;
    }
    boolean isSame = held.id().equals(command.getRollout());
    if (command.getEpoch() == held.epoch() && !isSame) {
      throw new FlowException(
          ErrorCode.FAILED_PRECONDITION,
          "rollout: %s with epoch %d (expected: %s, which has it)"
              .formatted(command.getRollout(), command.getEpoch(), held.id()));
    }
    boolean isOver = held.state() == RETIRED || BACK.contains(held.state());
    boolean isOther = held.state() != command.getState() && !BACK.contains(command.getState());
    if (isSame && isOver && isOther && !isBehind(command.getState(), held)) {
      throw new FlowException(
          ErrorCode.FAILED_PRECONDITION,
          "state: %s (expected: another rollout, as %s is %s)"
              .formatted(command.getState(), held.id(), held.state()));
    }
  }

  /// Whether a rollout has passed a state: a command that was under way for long.
  static boolean isBehind(RolloutState state, Rollout held) {
    boolean isForward = !BACK.contains(state) && !BACK.contains(held.state());
    return isForward && state.getNumber() < held.state().getNumber() && hasCome(held);
  }

  /// Whether the states before the rollout's own are reached for certain.
  private static boolean hasCome(Rollout held) {
    return held.isReached() || held.state() == LIVE || held.state() == RETIRED;
  }
}
