package io.attune.runtime.admin;

import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.Parameters;
import io.attune.runtime.channel.Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Where the coordinator of rollouts is, for a participant in another process, and how it reaches
/// that one.
///
/// @param coordinator the admin port of the gateway that coordinates
/// @param advertised the host under which it reaches the participant's admin port
/// @param token the token of both admin ports; null for none
public record CoordinatorOptions(Address coordinator, String advertised, @Nullable String token) {
  /// Reads `coordinator` (`host:port`) and `advertise` (a host; what the admin port listens on) of
  /// an executor's options; empty without a coordinator.
  ///
  /// @throws FlowException where one is wrong, or there is no admin port
  public static Optional<CoordinatorOptions> from(Parameters with, Optional<AdminOptions> admin) {
    Optional<String> coordinator = with.string("coordinator");
    if (coordinator.isEmpty()) {
      return Optional.empty();
    }
    if (admin.isEmpty()) {
      throw FlowException.invalid("coordinator: without admin_port (expected: both)");
    }
    return Optional.of(of(coordinator.get(), with.string("advertise").orElse(null), admin.get()));
  }

  /// The coordinator of a participant.
  ///
  /// @param advertise null for what its admin port listens on
  public static CoordinatorOptions of(
      String coordinator, @Nullable String advertise, AdminOptions admin) {
    return new CoordinatorOptions(
        Address.parse(coordinator),
        advertise == null ? listening(admin.host()) : advertise,
        admin.token());
  }

  private static String listening(String host) {
    try {
      return InetAddress.getByName(host).isAnyLocalAddress()
          ? InetAddress.getLocalHost().getHostAddress()
          : host;
    } catch (UnknownHostException e) {
      throw new FlowException(
          ErrorCode.INVALID_ARGUMENT,
          "advertise: none, and this machine's address is not known (expected: a host)",
          e);
    }
  }

  /// Without the token.
  @Override
  public String toString() {
    return "%s, reached at %s".formatted(coordinator, advertised);
  }
}
