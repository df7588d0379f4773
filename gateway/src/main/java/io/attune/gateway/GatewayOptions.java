package io.attune.gateway;

import io.attune.gateway.grpc.GrpcPort;
import io.attune.gateway.router.RouterLimits;
import io.attune.gateway.web.WebPort;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// How a gateway behaves.
///
/// @param name its name in routes and metrics
/// @param grpc its gRPC port; null for none
/// @param web its web port; null for none
/// @param limits how much it lets in at a time
/// @param grace how long accepted requests may take when it stops
public record GatewayOptions(
    String name,
    GrpcPort.@Nullable Options grpc,
    WebPort.@Nullable Options web,
    RouterLimits limits,
    Duration grace) {
  /// How long accepted requests may take when a gateway stops, unless it is told otherwise.
  public static final Duration DEFAULT_GRACE = Duration.ofSeconds(30);

  public GatewayOptions {
    if (grpc == null && web == null) {
      throw new IllegalArgumentException("ports: none (expected: grpc or http)");
    }
  }
}
