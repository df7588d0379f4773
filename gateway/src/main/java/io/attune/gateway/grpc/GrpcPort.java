package io.attune.gateway.grpc;

import io.attune.gateway.router.DryRun;
import io.attune.gateway.router.Router;
import io.attune.gateway.router.RouterLimits;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.channel.EventLoops;
import io.attune.runtime.error.ErrorBorder;
import io.grpc.BindableService;
import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionService;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// The gateway's gRPC port: Jina's services, health and reflection.
///
/// Handlers run in the transport's threads, since none of them blocks.
public final class GrpcPort {
  /// Python's peers ping every 10 s, some every 5 s.
  private static final long LEAST_KEEP_ALIVE_MILLIS = 4_000;

  private static final long LAST_ANSWERS_MILLIS = 200;

  private final HealthStatusManager health = new HealthStatusManager();
  private final RequestService requests;
  private final List<String> services = new ArrayList<>();
  private final Server server;

  /// How the port behaves.
  ///
  /// @param host the address to listen on
  /// @param port the port; 0 for any free one
  /// @param prefetch how many requests of one stream may be under way; 0 for no limit of its own
  /// @param maxMessageBytes the largest message accepted
  public record Options(String host, int port, int prefetch, int maxMessageBytes) {}

  /// @param loops where its connections live
  public GrpcPort(Router router, Options options, RouterLimits limits, EventLoops loops) {
    StreamLimits streams =
        new StreamLimits(
            limits.maxRequestsInFlight() / 2, limits.maxBytesInFlight() / 2, options.prefetch());
    this.requests = new RequestService(router, streams);
    NettyServerBuilder builder =
        loops
            .serve(
                NettyServerBuilder.forAddress(
                    new InetSocketAddress(options.host(), options.port()),
                    InsecureServerCredentials.create()))
            .directExecutor()
            .permitKeepAliveTime(LEAST_KEEP_ALIVE_MILLIS, TimeUnit.MILLISECONDS)
            .permitKeepAliveWithoutCalls(true)
            .maxInboundMessageSize(options.maxMessageBytes())
            .intercept(new ForwardedHeaders())
            .intercept(new ErrorBorder());
    for (ServerServiceDefinition service : List.of(requests.streams(), requests.single())) {
      builder.addService(service);
      services.add(service.getServiceDescriptor().getName());
    }
    for (BindableService service : GatewayServices.of(router, new DryRun(router))) {
      builder.addService(service);
      services.add(service.bindService().getServiceDescriptor().getName());
    }
    this.server =
        builder
            .addService(health.getHealthService())
            .addService(reflectionForPython())
            .addService(ProtoReflectionServiceV1.newInstance())
            .build();
    health(ServingStatus.NOT_SERVING);
  }

  /// Listens; health says NOT_SERVING until [#serving].
  ///
  /// @throws FlowException where the port cannot be bound
  public void start() {
    try {
      server.start();
    } catch (IOException e) {
      throw new FlowException(
          ErrorCode.FAILED_PRECONDITION,
          "gateway port: %s cannot be bound: %s (expected: a free port)"
              .formatted(server.getListenSockets(), e.getMessage()),
          e);
    }
  }

  /// Says SERVING.
  public void serving() {
    health(ServingStatus.SERVING);
  }

  /// Says SERVING or NOT_SERVING.
  public void accepts(boolean now) {
    health(now ? ServingStatus.SERVING : ServingStatus.NOT_SERVING);
  }

  /// The port it listens on.
  public int port() {
    return server.getPort();
  }

  /// Says NOT_SERVING and accepts no new call; those under way go on.
  public void drain() {
    health.enterTerminalState();
    server.shutdown();
  }

  /// Ends the streams that have nothing under way; to be called again while draining.
  public void closeIdleStreams() {
    requests.closeIdle();
  }

  /// Waits a moment for answers on their way out, and cancels what is left.
  public void stop() {
    try {
      if (server.awaitTermination(LAST_ANSWERS_MILLIS, TimeUnit.MILLISECONDS)) {
        return;
      }
      server.shutdownNow();
      server.awaitTermination(5, TimeUnit.SECONDS);
    } catch (InterruptedException _) {
      server.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }

  /// Python's gateways ask for v1alpha and call nothing without it.
  @SuppressWarnings("deprecation")
  private static BindableService reflectionForPython() {
    return ProtoReflectionService.newInstance();
  }

  private void health(ServingStatus status) {
    health.setStatus(HealthStatusManager.SERVICE_NAME_ALL_SERVICES, status);
    services.forEach(service -> health.setStatus(service, status));
  }
}
