package io.attune.gateway.rollout;

import io.attune.proto.attune.MoveRequest;
import io.attune.proto.attune.ParticipantStanding;
import io.attune.proto.attune.Progress;
import io.attune.runtime.FlowException;
import io.attune.runtime.channel.Address;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A participant, as a coordinator commands it.
public interface Peer extends AutoCloseable {
  /// Commands it to be somewhere, and waits until it is there.
  ///
  /// @param listener told how far it is; the last message names the state as reached
  /// @throws FlowException where it refuses, or cannot be reached
  void move(MoveRequest command, Consumer<Progress> listener) throws InterruptedException;

  /// Asks where it is.
  ///
  /// @throws FlowException where it cannot be reached; UNIMPLEMENTED where it takes no part
  ParticipantStanding standing();

  /// The participant at an address; connected when it is needed.
  ///
  /// @param token of its admin port; null for none
  static Peer at(Address address, @Nullable String token) {
    return GrpcPeer.at(address, token);
  }

  /// Gives up the way to it.
  @Override
  default void close() {}
}
