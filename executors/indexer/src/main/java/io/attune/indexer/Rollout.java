package io.attune.indexer;

import com.google.protobuf.InvalidProtocolBufferException;
import io.attune.proto.attune.MoveRequest;
import io.attune.proto.attune.RolloutState;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/// A rollout as a shard remembers it.
///
/// @param command the last command
/// @param isReached whether the state of the command is reached
/// @param wasLive whether the new version was ever live
/// @param refusal why the last command was refused; empty where it was not
record Rollout(MoveRequest command, boolean isReached, boolean wasLive, String refusal) {
  String id() {
    return command.getRollout();
  }

  long epoch() {
    return command.getEpoch();
  }

  String model() {
    return command.getModel();
  }

  RolloutState state() {
    return command.getState();
  }

  String from() {
    return command.getFromSpace();
  }

  String to() {
    return command.getToSpace();
  }

  /// Whether it has ended, one way or the other, or was told to.
  boolean isOver() {
    return switch (state()) {
      case RETIRED, ROLLED_BACK, ROLLOUT_FAILED -> true;
      case ROLLOUT_STATE_UNSPECIFIED, PREPARING, REINDEXING, READY, CANARY, LIVE, UNRECOGNIZED ->
          false;
    };
  }

  /// Whether the old version is to be live again.
  boolean isTakenBack() {
    return state() == RolloutState.ROLLED_BACK || state() == RolloutState.ROLLOUT_FAILED;
  }

  /// Whether writes may come in a space as well as in another because it is under way.
  boolean isBetween(String space) {
    return !isOver()
        && state() != RolloutState.PREPARING
        && !keepsSpace()
        && (space.equals(from()) || space.equals(to()));
  }

  /// Whether an index that holds nothing must not begin with a space: the rollout has left it
  /// behind, or has not come to it. A write of it is one that was under way for long.
  boolean shuns(String space) {
    if (keepsSpace()) {
      return false;
    }
    return switch (state()) {
      case RETIRED -> space.equals(from());
      case PREPARING, ROLLED_BACK, ROLLOUT_FAILED -> space.equals(to());
      case ROLLOUT_STATE_UNSPECIFIED, REINDEXING, READY, CANARY, LIVE, UNRECOGNIZED -> false;
    };
  }

  /// Whether there is no generation to build, as the new version keeps the old one's space.
  boolean keepsSpace() {
    return from().equals(to());
  }

  Rollout reached() {
    return new Rollout(command, true, wasLive || state() == RolloutState.LIVE, "");
  }

  Rollout refused(String reason) {
    return new Rollout(command, false, wasLive, reason);
  }

  /// One line of a file.
  String toLine() {
    Base64.Encoder base64 = Base64.getEncoder();
    return "%b %b %s %s"
        .formatted(
            isReached,
            wasLive,
            base64.encodeToString(command.toByteArray()),
            base64.encodeToString(refusal.getBytes(StandardCharsets.UTF_8)));
  }

  /// @throws IllegalArgumentException where it is no such line
  static Rollout parse(String line) {
    String[] parts = line.split(" ", 4);
    try {
      return new Rollout(
          MoveRequest.parseFrom(Base64.getDecoder().decode(parts[2])),
          Boolean.parseBoolean(parts[0]),
          Boolean.parseBoolean(parts[1]),
          new String(Base64.getDecoder().decode(parts[3]), StandardCharsets.UTF_8));
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException("a rollout that cannot be read: " + e.getMessage(), e);
    }
  }
}
