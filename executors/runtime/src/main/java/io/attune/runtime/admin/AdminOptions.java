package io.attune.runtime.admin;

import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.Parameters;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Where an admin port listens, and who may call it.
///
/// @param host the address; one that other machines reach needs a token
/// @param port the port; 0 for any free one
/// @param token what callers must send as `authorization: Bearer TOKEN`, 16 characters or more;
///   null for nothing
public record AdminOptions(String host, int port, @Nullable String token) {
  /// The address where none is given.
  public static final String LOOPBACK = "127.0.0.1";

  /// The options of an executor that name its admin port, under `uses_with`, and the coordinator
  /// that reaches it there.
  public static final Set<String> KEYS =
      Set.of("admin_port", "admin_host", "admin_token", "coordinator", "advertise");

  private static final int LEAST_TOKEN = 16;
  private static final int MOST_PORT = 65_535;

  /// @throws FlowException where others could call it without a token
  public AdminOptions {
    if (port < 0 || port > MOST_PORT) {
      throw FlowException.invalid("admin port: %d (expected: 0..%d)".formatted(port, MOST_PORT));
    }
    if (token != null && (token.length() < LEAST_TOKEN || !token.matches("[!-~]+"))) {
      throw FlowException.invalid(
          "admin token: %d characters (expected: %d or more, without spaces)"
              .formatted(token.length(), LEAST_TOKEN));
    }
    if (token == null && !isLoopback(host)) {
      throw FlowException.invalid(
          "admin host: %s without a token (expected: %s, or a token)".formatted(host, LOOPBACK));
    }
  }

  /// Reads `admin_port` (0..65535), `admin_host` (loopback) and `admin_token` (none) of an
  /// executor's options; empty without a port.
  ///
  /// @throws FlowException where one is wrong, or without a port
  public static Optional<AdminOptions> from(Parameters with) {
    if (with.value("admin_port").isEmpty()) {
      KEYS.stream()
          .filter(key -> with.value(key).isPresent())
          .sorted()
          .findFirst()
          .ifPresent(key -> {
            throw FlowException.invalid(key + ": without admin_port (expected: both)");
          });
      return Optional.empty();
    }
    return Optional.of(
        new AdminOptions(
            with.string("admin_host", LOOPBACK),
            with.integer("admin_port", 0, 0, MOST_PORT),
            with.string("admin_token").orElse(null)));
  }

  private static boolean isLoopback(String host) {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      throw new FlowException(
          ErrorCode.INVALID_ARGUMENT,
          "admin host: %s is not known (expected: an address of this machine)".formatted(host),
          e);
    }
  }

  /// Without the token.
  @Override
  public String toString() {
    return "%s:%d%s".formatted(host, port, token == null ? "" : " with a token");
  }
}
