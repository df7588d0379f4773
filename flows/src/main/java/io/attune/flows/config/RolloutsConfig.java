package io.attune.flows.config;

import io.attune.flows.yaml.Keys;
import org.jspecify.annotations.Nullable;

/// How models are swapped, under `gateway.attune`: Attune's own keys.
///
/// @param admin the admin port; null where `admin_port` is not given
/// @param promotion `promote`; null where it is not given
public record RolloutsConfig(@Nullable AdminConfig admin, @Nullable PromotionConfig promotion) {
  static RolloutsConfig read(Keys keys) {
    AdminConfig admin = AdminConfig.read(keys);
    PromotionConfig promotion =
        keys.has("promote") ? PromotionConfig.read(keys.keys("promote")) : null;
    if (promotion != null && admin != null && admin.coordinator() != null) {
      keys.error("promote", "beside coordinator", "the gateway that coordinates has it");
    }
    keys.finish();
    return new RolloutsConfig(admin, promotion);
  }

  /// How tuned models go live by themselves, under `gateway.attune.promote`.
  ///
  /// @param experiment `experiment`, default feedback: whose runs are followed
  /// @param minGain `min_gain`, default 0: what the gate must find for certain, -1..1
  /// @param drainSeconds `drain_seconds`, default 600: how long the version before stays
  public record PromotionConfig(String experiment, double minGain, int drainSeconds) {
    private static final int DRAIN_SECONDS = 600;
    private static final int MOST_SECONDS = 604_800;

    static PromotionConfig read(Keys keys) {
      PromotionConfig config =
          new PromotionConfig(
              keys.string("experiment", "feedback"),
              gain(keys),
              keys.integer("drain_seconds", DRAIN_SECONDS, 0, MOST_SECONDS));
      keys.finish();
      return config;
    }

    private static double gain(Keys keys) {
      String text = keys.string("min_gain", "0");
      try {
        double gain = Double.parseDouble(text);
        if (gain >= -1 && gain <= 1) {
          return gain;
        }
      } catch (NumberFormatException _) {
        // falls through to the one message
      }
      keys.error("min_gain", text, "-1..1");
      return 0;
    }
  }

  /// The admin port.
  ///
  /// @param port `admin_port`: the port for rollouts; 0 for any free one
  /// @param httpPort `admin_http_port`, default none: where the same is served as JSON over HTTP
  /// @param host `admin_host`, default 127.0.0.1: the address it listens on; another than loopback
  ///   needs a token
  /// @param token `admin_token`: what callers must present
  /// @param coordinator `coordinator`, default none: the admin port of another gateway, which
  ///   coordinates rollouts, as `host:port`; the token of both is the same
  /// @param advertise `advertise`, default what it listens on: the host under which the coordinator
  ///   reaches the admin port
  /// @param leaseSeconds `lease_seconds`, 3 to 3600, default 15: where this gateway coordinates,
  ///   how long participants of other processes count after they were heard of
  public record AdminConfig(
      int port,
      @Nullable Integer httpPort,
      String host,
      @Nullable String token,
      @Nullable String coordinator,
      @Nullable String advertise,
      int leaseSeconds) {
    private static final int LEASE_SECONDS = 15;

    static @Nullable AdminConfig read(Keys keys) {
      Integer port = keys.integer("admin_port", 0, 65_535);
      Integer httpPort = keys.integer("admin_http_port", 0, 65_535);
      String host = keys.string("admin_host", "127.0.0.1");
      String token = keys.string("admin_token");
      String coordinator = keys.string("coordinator");
      String advertise = keys.string("advertise");
      int leaseSeconds = keys.integer("lease_seconds", LEASE_SECONDS, 3, 3_600);
      boolean loopback = host.equals("localhost") || host.equals("::1") || host.startsWith("127.");
      if (!loopback && (token == null || token.length() < 16)) {
        keys.error(
            "admin_host",
            host + " without a token",
            "127.0.0.1, or an admin_token of 16 characters or more");
      }
      if (port == null && coordinator != null) {
        keys.error("coordinator", coordinator + " without admin_port", "both");
      }
      if (httpPort != null && (port == null || coordinator != null)) {
        keys.error(
            "admin_http_port",
            httpPort + (port == null ? " without admin_port" : " beside coordinator"),
            "the gateway that coordinates has both ports");
      }
      if (coordinator != null && !coordinator.matches("[^\\s/]+:[0-9]{1,5}")) {
        keys.error("coordinator", '"' + coordinator + '"', "host:port");
      }
      return port == null
          ? null
          : new AdminConfig(port, httpPort, host, token, coordinator, advertise, leaseSeconds);
    }

    @Override
    public String toString() {
      return "AdminConfig[port=%d, httpPort=%s, host=%s, token=%s, coordinator=%s, advertise=%s, leaseSeconds=%d]"
          .formatted(
              port,
              httpPort,
              host,
              token == null ? "none" : "set",
              coordinator,
              advertise,
              leaseSeconds);
    }
  }
}
