package io.attune.runtime.server;

import io.attune.runtime.ErrorCode;
import io.attune.runtime.Executor;
import io.attune.runtime.ExecutorContext;
import io.attune.runtime.FlowException;
import io.attune.runtime.error.ErrorBorder;
import io.attune.runtime.error.Failures;
import io.attune.runtime.metrics.ExecutorMetrics;
import io.grpc.BindableService;
import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.ServerInterceptors;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionService;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Serves one executor over gRPC, on a port, in process, or both, and its admin services in process
/// and on its admin port. It owns the executor and closes it.
///
/// Stopping goes in this order: health says NOT_SERVING; no new call is accepted; what was accepted
/// is answered, as long as the grace period lasts; what is left is cancelled; the executor is
/// closed.
public final class ExecutorServer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ExecutorServer.class);
  private static final Duration CANCEL_TIME = Duration.ofSeconds(5);
  private static final long LEAST_PAUSE_NANOS = Duration.ofMillis(10).toNanos();

  private final Executor executor;
  private final String name;
  private final ServerOptions options;
  private final HealthStatusManager health = new HealthStatusManager();
  private final EndlessCalls endless = new EndlessCalls();
  private final ExecutorService threads;
  private final StreamService streams;
  private final @Nullable DynamicBatching batching;
  private final List<Server> servers = new ArrayList<>();
  private final AdminServices admin;
  private final AtomicBoolean stopping = new AtomicBoolean();
  private final CountDownLatch stopped = new CountDownLatch(1);
  private int port = -1;

  private ExecutorServer(Executor executor, ExecutorContext context, ServerOptions options) {
    this.executor = executor;
    this.name = context.name();
    this.options = options;
    String executorClass = executor.getClass().getSimpleName();
    EndpointTable table = EndpointTable.of(executor, options.usesRequests());
    batching =
        options.batching().isEmpty()
            ? null
            : DynamicBatching.over(table, name, options.batching(), context.meters());
    Dispatch dispatch =
        new Dispatch(
            name,
            executorClass,
            table,
            new ExecutorMetrics(context.meters(), executorClass, options.runtimeName(name)),
            options.mostRequests());
    threads = Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name(name + "-", 0).factory());
    streams = new StreamService(dispatch, threads, options.mostRequestsPerStream());
    admin = AdminServices.of(executor, context);
    List<BindableService> services = new ArrayList<>(UnaryServices.of(dispatch, table));
    services.add(streams);
    if (options.port() >= 0) {
      servers.add(configured(onPort(), services));
    }
    if (options.inProcessName() != null) {
      List<BindableService> all = new ArrayList<>(services);
      all.addAll(admin.services());
      servers.add(configured(InProcessServerBuilder.forName(options.inProcessName()), all));
    }
    for (BindableService service : services) {
      String serviceName = service.bindService().getServiceDescriptor().getName();
      health.setStatus(serviceName, ServingStatus.SERVING);
    }
  }

  /// Starts to serve an executor, which must be ready; on failure it is closed.
  ///
  /// @throws FlowException where an endpoint is wrong or the port cannot be bound
  public static ExecutorServer start(
      Executor executor, ExecutorContext context, ServerOptions options) {
    ExecutorServer server = null;
    try {
      server = new ExecutorServer(executor, context, options);
      server.listen();
      return server;
    } catch (IOException | RuntimeException failure) {
      if (server != null) {
        server.servers.forEach(Server::shutdownNow);
        server.threads.shutdownNow();
        server.closeBatching();
        server.admin.close();
      }
      executor.close();
      throw failure instanceof IOException io ? unbound(options, io) : (RuntimeException) failure;
    }
  }

  /// The port it listens on; -1 where it has none.
  public int port() {
    return port;
  }

  /// The port of its admin services; -1 where it has none.
  public int adminPort() {
    return admin.port();
  }

  /// The executor's name.
  public String name() {
    return name;
  }

  /// Waits until the server was stopped.
  public void awaitTermination() throws InterruptedException {
    for (Server server : servers) {
      server.awaitTermination();
    }
  }

  /// Stops when the process is told to (SIGTERM, Ctrl-C).
  public ExecutorServer stopWithProcess() {
    Runtime.getRuntime().addShutdownHook(new Thread(this::close, name + "-stop"));
    return this;
  }

  /// Stops in order, within the configured grace period. A further call waits for the first.
  @Override
  public void close() {
    if (!stopping.compareAndSet(false, true)) {
      awaitStopped();
      return;
    }
    try {
      health.enterTerminalState();
      servers.forEach(Server::shutdown);
      endless.end();
      admin.endCalls();
      if (batching != null) {
        batching.hurry();
      }
      if (!drained(options.grace())) {
        log.atWarn()
            .addKeyValue("executor", name)
            .addKeyValue("grace", options.grace())
            .log("requests cancelled at the end of the grace period");
        servers.forEach(Server::shutdownNow);
        terminated(CANCEL_TIME);
      }
      threads.shutdownNow();
      closeBatching();
      admin.close();
      executor.close();
    } finally {
      stopped.countDown();
    }
  }

  private void closeBatching() {
    if (batching != null) {
      batching.close();
    }
  }

  private void awaitStopped() {
    try {
      stopped.await();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void listen() throws IOException {
    admin.listen();
    joined();
    for (Server server : servers) {
      server.start();
      if (server.getPort() >= 0) {
        port = server.getPort();
      }
    }
    log.atInfo().addKeyValue("executor", name).addKeyValue("port", port).log("executor is serving");
  }

  private void joined() {
    try {
      executor.join();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw Failures.from(interrupted);
    }
  }

  private ServerBuilder<?> onPort() {
    return NettyServerBuilder.forAddress(
        new InetSocketAddress(options.host(), options.port()), InsecureServerCredentials.create());
  }

  private Server configured(ServerBuilder<?> builder, List<BindableService> services) {
    if (builder instanceof NettyServerBuilder) {
      builder
          .permitKeepAliveTime(options.leastKeepAlive().toMillis(), TimeUnit.MILLISECONDS)
          .permitKeepAliveWithoutCalls(true)
          .maxInboundMessageSize(options.mostMessageBytes());
    }
    services.forEach(service -> builder.addService(ErrorBorder.readable(service)));
    for (BindableService service :
        List.of(
            health.getHealthService(),
            reflectionForPython(),
            ProtoReflectionServiceV1.newInstance())) {
      builder.addService(ServerInterceptors.intercept(service, endless));
    }
    return builder.executor(threads).intercept(new ErrorBorder()).build();
  }

  /// Python's gateways ask for v1alpha and call nothing without it.
  @SuppressWarnings("deprecation")
  private static BindableService reflectionForPython() {
    return ProtoReflectionService.newInstance();
  }

  /// Waits for the end of what was accepted. A stream is ended at its first idle moment after a
  /// pause, so that a caller in the middle of sending is not cut off.
  private boolean drained(Duration grace) {
    long end = System.nanoTime() + grace.toNanos();
    while (System.nanoTime() < end) {
      long pause = Math.max(LEAST_PAUSE_NANOS, options.streamPause().toNanos());
      if (terminated(Duration.ofNanos(Math.min(end - System.nanoTime(), pause)))) {
        return true;
      }
      streams.closeIdle();
    }
    return terminated(Duration.ZERO);
  }

  private boolean terminated(Duration time) {
    long end = System.nanoTime() + time.toNanos();
    try {
      for (Server server : servers) {
        long left = Math.max(0, end - System.nanoTime());
        if (!server.awaitTermination(left, TimeUnit.NANOSECONDS)) {
          return false;
        }
      }
      return true;
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static FlowException unbound(ServerOptions options, IOException cause) {
    return new FlowException(
        ErrorCode.FAILED_PRECONDITION,
        "port: %s:%d cannot be bound: %s (expected: a free port)"
            .formatted(options.host(), options.port(), root(cause).getMessage()),
        cause);
  }

  private static Throwable root(Throwable failure) {
    Throwable cause = failure.getCause();
    return cause == null ? failure : root(cause);
  }
}
