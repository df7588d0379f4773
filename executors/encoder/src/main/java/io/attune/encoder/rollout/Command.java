package io.attune.encoder.rollout;

import io.attune.proto.attune.MoveRequest;
import io.attune.proto.attune.RolloutState;
import io.attune.runtime.FlowException;
import io.attune.runtime.ModelVersion;
import java.util.ArrayList;
import java.util.List;

/// A command to be in a state of a rollout.
///
/// @param rollout the rollout's id, 1 to 128 characters
/// @param epoch 1 or higher; fences coordinators of lower ones
/// @param from the version that the rollout leaves
/// @param to the version it goes to, of the same name and not the same
/// @param fromSpace the space of the old one; empty for what its artifact says
/// @param toSpace the space of the new one; empty for what its artifact says
/// @param dimension the length of the new one's embeddings; 0 for what its artifact says
/// @param state the state to reach
public record Command(
    String rollout,
    long epoch,
    ModelVersion from,
    ModelVersion to,
    String fromSpace,
    String toSpace,
    int dimension,
    RolloutState state) {
  private static final int MOST_CHARACTERS = 128;

  /// @throws FlowException (INVALID_ARGUMENT) where one is out of its range
  public Command {
    require(
        !rollout.isBlank() && rollout.length() <= MOST_CHARACTERS,
        "rollout",
        rollout.length() + " characters",
        "an id of 1.." + MOST_CHARACTERS);
    require(epoch >= 1, "epoch", Long.toUnsignedString(epoch), "1.." + Long.MAX_VALUE);
    require(from.name().equals(to.name()), "to", to, "a version of " + from.name());
    require(!from.equals(to), "to_version", to.version(), "another than from_version");
    require(dimension >= 0, "dimension", Integer.toUnsignedString(dimension), "0..");
    var _ = Phase.of(state);
  }

  /// Reads a request.
  ///
  /// @throws FlowException (INVALID_ARGUMENT) where it is no command
  public static Command of(MoveRequest request) {
    return new Command(
        request.getRollout(),
        request.getEpoch(),
        version(request.getModel(), "from_version", request.getFromVersion()),
        version(request.getModel(), "to_version", request.getToVersion()),
        request.getFromSpace(),
        request.getToSpace(),
        request.getDimension(),
        request.getState());
  }

  private static ModelVersion version(String model, String key, String text) {
    require(text.matches("[1-9][0-9]{0,8}"), key, '"' + shortened(text) + '"', "1..999999999");
    return new ModelVersion(model, Integer.parseInt(text));
  }

  private static String shortened(String text) {
    return text.length() <= 40 ? text : text.substring(0, 40) + "…";
  }

  private static void require(boolean holds, String key, Object value, String expected) {
    if (!holds) {
      throw FlowException.invalid("%s: %s (expected: %s)".formatted(key, value, expected));
    }
  }

  /// What the state asks for.
  Phase phase() {
    return Phase.of(state);
  }

  /// The version that requests without a stamp get.
  ModelVersion live() {
    return switch (phase()) {
      case BESIDE, UNDONE -> from;
      case FLIPPED, DONE -> to;
    };
  }

  /// The versions that are there, the live one first, and no others of the model.
  List<ModelVersion> held() {
    List<ModelVersion> held = new ArrayList<>(List.of(live()));
    switch (phase()) {
      case BESIDE -> held.add(to);
      case FLIPPED -> held.add(from);
      case DONE, UNDONE -> {}
    }
    return held;
  }

  /// Whether both are of one rollout: whatever they ask for, they say the same about it.
  boolean isOfSameRollout(Command other) {
    return rollout.equals(other.rollout)
        && epoch == other.epoch
        && from.equals(other.from)
        && to.equals(other.to);
  }

  /// The expectation of one of its versions.
  Expected expected(ModelVersion version) {
    return version.equals(to) ? new Expected(toSpace, dimension) : new Expected(fromSpace, 0);
  }

  /// What a rollout says of a version.
  ///
  /// @param space its space; empty for any
  /// @param dimension the length of its embeddings; 0 for any
  public record Expected(String space, int dimension) {
    /// Nothing.
    public static final Expected ANYTHING = new Expected("", 0);
  }
}
