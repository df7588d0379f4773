package io.attune.encoder.rollout;

import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.ModelVersion;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Where an encoder is with its model: what it was told last, and what it has reached.
///
/// @param live the version that requests without a stamp get
/// @param held the versions that are there, the live one among them, all of one name
/// @param command the last command; null before the first
/// @param reached whether live and held are what the command asks for
/// @param refusal why the command was refused; empty where it was not
public record Standing(
    ModelVersion live,
    List<ModelVersion> held,
    @Nullable Command command,
    boolean reached,
    String refusal) {
  /// @throws FlowException where the live version is not there, or versions are of several models
  public Standing {
    held = List.copyOf(held);
    if (!held.contains(live)
        || !held.stream().allMatch(version -> version.name().equals(live.name()))
        || (command != null && !command.to().name().equals(live.name()))) {
      throw FlowException.invalid(
          "standing: live %s, held %s (expected: live among held, of one model)"
              .formatted(live, held));
    }
  }

  /// Before any rollout.
  public static Standing of(ModelVersion live) {
    return new Standing(live, List.of(live), null, true, "");
  }

  /// The model's name.
  public String model() {
    return live.name();
  }

  /// The last epoch; 0 before the first command.
  public long epoch() {
    return command == null ? 0 : command.epoch();
  }

  /// Refuses a command that must not be obeyed any more, or is not for this encoder.
  ///
  /// @throws FlowException FAILED_PRECONDITION with the reason
  void admit(Command next) {
    require(next.to().name().equals(model()), "model: " + next.to().name(), model());
    if (command == null) {
      return;
    }
    require(
        next.epoch() >= command.epoch(),
        "epoch: " + next.epoch(),
        command.epoch() + " or higher, that of rollout " + command.rollout());
    if (next.epoch() == command.epoch()) {
      require(
          next.isOfSameRollout(command),
          "epoch: %d of rollout %s, %s to %s"
              .formatted(next.epoch(), next.rollout(), next.from(), next.to()),
          "rollout %s, %s to %s, which has that epoch"
              .formatted(command.rollout(), command.from(), command.to()));
      require(
          command.phase().leadsTo(next.phase()),
          "state: " + next.state(),
          "not back from " + command.state());
    }
  }

  private static void require(boolean holds, String value, String expected) {
    if (!holds) {
      throw new FlowException(
          ErrorCode.FAILED_PRECONDITION, "%s (expected: %s)".formatted(value, expected));
    }
  }

  /// Whether a command asks for nothing more.
  boolean isAt(Command asked) {
    return reached && asked.equals(command);
  }

  /// The same, told a command.
  Standing told(Command next) {
    return new Standing(live, held, next, false, "");
  }

  /// The same, where its command was refused.
  Standing refused(String reason) {
    return new Standing(live, held, command, false, reason);
  }

  /// Where the command leads.
  static Standing at(Command command) {
    return new Standing(command.live(), command.held(), command, true, "");
  }
}
