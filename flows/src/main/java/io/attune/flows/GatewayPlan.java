package io.attune.flows;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The gateway of a Flow, with all defaults applied.
///
/// @param name its name in routes and metrics
/// @param host the address its ports listen on
/// @param ports for each protocol it speaks, the port; 0 for any free one
/// @param prefetch how many requests of one stream may be in flight; 0 for any number
/// @param timeoutSend how long a call of an executor may take; null for as long as the caller waits
/// @param timeoutReady how long to wait until it is ready; null for ever
/// @param retries how many further tries a call has after the first; -1 for one per replica, at
///   least 3
/// @param maxMessageBytes the largest message it accepts
/// @param web how its web port behaves
/// @param monitoring whether it serves its metrics on a page of its own
/// @param monitoringPort the port of that page; 0 for any free one
/// @param admin the admin port; null where there is none
/// @param promotion how tuned models go live by themselves; null where they do not
/// @param workspace the folder in which it may keep what rollouts need
public record GatewayPlan(
    String name,
    String host,
    Map<Protocol, Integer> ports,
    int prefetch,
    @Nullable Duration timeoutSend,
    @Nullable Duration timeoutReady,
    int retries,
    int maxMessageBytes,
    Web web,
    boolean monitoring,
    int monitoringPort,
    @Nullable Admin admin,
    @Nullable Promotion promotion,
    Path workspace) {
  public GatewayPlan {
    if (ports.isEmpty()) {
      throw new IllegalArgumentException("ports: none (expected: at least one protocol)");
    }
    ports = Collections.unmodifiableMap(new EnumMap<>(ports));
  }

  /// The same gateway on other ports.
  public GatewayPlan withPorts(Map<Protocol, Integer> others) {
    return with(host, others, admin, workspace);
  }

  /// The same gateway listening on another address.
  public GatewayPlan withHost(String address) {
    return with(address, ports, admin, workspace);
  }

  /// The same gateway with another admin port.
  public GatewayPlan withAdmin(@Nullable Admin other) {
    return with(host, ports, other, workspace);
  }

  /// The same gateway with another workspace.
  public GatewayPlan withWorkspace(Path folder) {
    return with(host, ports, admin, folder);
  }

  private GatewayPlan with(
      String address, Map<Protocol, Integer> on, @Nullable Admin administered, Path folder) {
    return new GatewayPlan(
        name,
        address,
        on,
        prefetch,
        timeoutSend,
        timeoutReady,
        retries,
        maxMessageBytes,
        web,
        monitoring,
        monitoringPort,
        administered,
        promotion,
        folder);
  }

  /// How the web port behaves.
  ///
  /// @param cors whether pages of other origins may call it
  /// @param debugEndpoints whether `/status` and `/post` are served
  /// @param crudEndpoints whether `/index`, `/search`, `/update` and `/delete` are served
  /// @param title the title of its OpenAPI document
  /// @param description the description in that document
  public record Web(
      boolean cors,
      boolean debugEndpoints,
      boolean crudEndpoints,
      String title,
      String description) {}

  /// The port for rollouts.
  ///
  /// @param host the address it listens on: loopback, unless there is a token
  /// @param port the port; 0 for any free one
  /// @param httpPort where the same is served as JSON over HTTP; 0 for any free one, null for none
  /// @param token what callers must present; null where none is asked for
  /// @param coordinator the admin port of the gateway that coordinates rollouts, as `host:port`;
  ///   null where this one does
  /// @param advertise the host under which that gateway reaches this port; null for the address it
  ///   listens on
  /// @param lease where this gateway coordinates, how long participants of other processes count
  ///   after they were heard of
  public record Admin(
      String host,
      int port,
      @Nullable Integer httpPort,
      @Nullable String token,
      @Nullable String coordinator,
      @Nullable String advertise,
      Duration lease) {
    /// How long a lease is where nobody says otherwise.
    public static final Duration LEASE = Duration.ofSeconds(15);

    /// The same with another HTTP port.
    public Admin withHttpPort(@Nullable Integer other) {
      return new Admin(host, port, other, token, coordinator, advertise, lease);
    }

    /// The same on another port.
    public Admin withPort(int other) {
      return new Admin(host, other, httpPort, token, coordinator, advertise, lease);
    }

    @Override
    public String toString() {
      return "Admin[host=%s, port=%d, httpPort=%s, token=%s, coordinator=%s, advertise=%s, lease=%s]"
          .formatted(
              host, port, httpPort, token == null ? "none" : "set", coordinator, advertise, lease);
    }
  }

  /// How models that the Flow's trainer tuned go live by themselves.
  ///
  /// @param experiment whose runs are followed
  /// @param minGain what the gate must find for certain, -1..1
  /// @param drainSeconds how long the version before stays, 0..604800
  public record Promotion(String experiment, double minGain, int drainSeconds) {}
}
