package io.attune.gateway.rollout;

import io.attune.runtime.FlowException;

/// Which participant one is: an encoder replica, an index shard, or a gateway.
///
/// @param name of the executor in the Flow, or of the gateway; 1 to 128 characters
/// @param shard which shard of it, from 0
/// @param replica which replica of it, from 0
public record Identity(Kind kind, String name, int shard, int replica) {
  private static final int MOST_CHARACTERS = 128;

  /// What a participant is.
  public enum Kind {
    ENCODER,
    INDEXER,
    GATEWAY;

    /// As `attune.proto` has it.
    public String label() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }

    /// The kind of a label.
    ///
    /// @throws FlowException (INVALID_ARGUMENT) where there is none
    public static Kind of(String label) {
      for (Kind kind : values()) {
        if (kind.label().equals(label)) {
          return kind;
        }
      }
      throw FlowException.invalid(
          "kind: \"%s\" (expected: encoder, indexer or gateway)"
              .formatted(label.length() > 40 ? label.substring(0, 40) + "…" : label));
    }
  }

  /// @throws FlowException (INVALID_ARGUMENT) where one is out of its range
  public Identity {
    if (name.isBlank()
        || name.length() > MOST_CHARACTERS
        || name.chars().anyMatch(Character::isISOControl)) {
      throw FlowException.invalid(
          "name: %d characters (expected: a name of 1..%d, without control characters)"
              .formatted(name.length(), MOST_CHARACTERS));
    }
    if (shard < 0 || replica < 0) {
      throw FlowException.invalid(
          "shard and replica: %d, %d (expected: 0..)".formatted(shard, replica));
    }
  }

  /// Another replica of the same.
  Identity replica(int which) {
    return new Identity(kind, name, shard, which);
  }

  /// Such as `encoder mini/0/1`: the name, the shard, the replica.
  @Override
  public String toString() {
    return "%s %s/%d/%d".formatted(kind.label(), name, shard, replica);
  }
}
