package io.attune.runtime.admin;

import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.error.ErrorBorder;
import io.grpc.BindableService;
import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Serves services for those who run a Flow over gRPC: on loopback, or to callers with a token.
/// There is no TLS: where other machines call it, a proxy that adds TLS keeps the token secret.
///
/// Closing refuses new calls, gives those under way a moment, and cancels what is left; who has
/// calls without an end ends them before.
public final class AdminServer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(AdminServer.class);
  private static final Duration GRACE = Duration.ofSeconds(5);
  private static final Duration LEAST_KEEP_ALIVE = Duration.ofSeconds(4);
  private static final int MOST_MESSAGE_BYTES = 128 << 20;

  private final Server server;
  private final ExecutorService threads;

  private AdminServer(AdminOptions options, List<BindableService> services) {
    threads = Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("admin-", 0).factory());
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(
                new InetSocketAddress(options.host(), options.port()),
                InsecureServerCredentials.create())
            .permitKeepAliveTime(LEAST_KEEP_ALIVE.toMillis(), TimeUnit.MILLISECONDS)
            .permitKeepAliveWithoutCalls(true)
            .maxInboundMessageSize(MOST_MESSAGE_BYTES)
            .executor(threads)
            .intercept(new ErrorBorder());
    List<ServerInterceptor> checks = new ArrayList<>();
    if (options.token() != null) {
      checks.add(new TokenCheck(options.token()));
    }
    List<ServerServiceDefinition> all = new ArrayList<>();
    services.forEach(service -> all.add(ErrorBorder.readable(service)));
    all.add(ProtoReflectionServiceV1.newInstance().bindService());
    all.forEach(service -> builder.addService(ServerInterceptors.intercept(service, checks)));
    server = builder.build();
  }

  /// Serves.
  ///
  /// @throws FlowException where the port cannot be bound
  public static AdminServer start(AdminOptions options, List<BindableService> services) {
    AdminServer admin = new AdminServer(options, services);
    try {
      admin.server.start();
    } catch (IOException e) {
      admin.threads.shutdownNow();
      throw new FlowException(
          ErrorCode.FAILED_PRECONDITION,
          "admin port: %s cannot be bound: %s (expected: a free port)"
              .formatted(options, e.getMessage()),
          e);
    }
    log.atInfo()
        .addKeyValue("host", options.host())
        .addKeyValue("port", admin.port())
        .addKeyValue("token", options.token() != null)
        .log("admin port is serving");
    return admin;
  }

  /// The port it listens on.
  public int port() {
    return server.getPort();
  }

  @Override
  public void close() {
    server.shutdown();
    try {
      if (!server.awaitTermination(GRACE.toMillis(), TimeUnit.MILLISECONDS)) {
        server.shutdownNow();
        server.awaitTermination(GRACE.toMillis(), TimeUnit.MILLISECONDS);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      server.shutdownNow();
    } finally {
      threads.shutdownNow();
    }
  }
}
