package io.attune.gateway;

import io.attune.gateway.graph.Node;
import io.attune.gateway.graph.Plans;
import io.attune.gateway.graph.Topology;
import io.attune.gateway.grpc.GrpcPort;
import io.attune.gateway.message.Envelope;
import io.attune.gateway.router.Backend;
import io.attune.gateway.router.ExecutorBackend;
import io.attune.gateway.router.LiveModels;
import io.attune.gateway.router.Router;
import io.attune.gateway.web.WebPort;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.channel.Discovery;
import io.attune.runtime.channel.EventLoops;
import io.grpc.Metadata;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The entrance of a Flow: its ports, and the router behind them. It owns the connections to the
/// executors and closes them.
///
/// Stopping goes in this order: health says NOT_SERVING; no new call is accepted; what was accepted
/// is answered, as long as the grace period lasts; what is left is cancelled; the connections are
/// closed.
public final class Gateway implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Gateway.class);
  private static final Duration DRAIN_STEP = Duration.ofMillis(50);

  private final GatewayOptions options;
  private final Topology topology;
  private final Map<String, ExecutorBackend> executors;
  private final EventLoops loops;
  private final ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();
  private final AtomicBoolean stopping = new AtomicBoolean();
  private final Router router;
  private final Readiness readiness;
  private final @Nullable GrpcPort grpc;
  private final @Nullable WebPort web;

  /// @param executors how each node's executor is reached, by name; a node without one is never
  ///   called
  /// @param loops where the connections of the gRPC port live, and those to executors; the gateway
  ///   closes it
  /// @param metricsPage the Prometheus page of the registry
  public Gateway(
      GatewayOptions options,
      Topology topology,
      Map<String, ExecutorBackend> executors,
      EventLoops loops,
      LiveModels live,
      MeterRegistry registry,
      Supplier<String> metricsPage) {
    this.options = options;
    this.topology = topology;
    this.executors = Map.copyOf(executors);
    this.loops = loops;
    List<Backend> backends = new ArrayList<>();
    for (Node node : topology.nodes()) {
      ExecutorBackend executor = executors.get(node.name());
      backends.add(executor == null ? new NeverCalled(node.name()) : executor);
    }
    this.router =
        new Router(options.name(), topology, backends, live, options.limits(), registry, workers);
    this.readiness = new Readiness(router::waitingFor);
    this.grpc =
        options.grpc() == null
            ? null
            : new GrpcPort(router, options.grpc(), options.limits(), loops);
    this.web =
        options.web() == null ? null : new WebPort(router, options.web(), metricsPage, workers);
  }

  /// Listens, waits until every executor has told its endpoints, and serves.
  ///
  /// @throws FlowException where a port cannot be bound or an executor does not answer in time; the
  ///   gateway is closed then
  public Gateway start() throws InterruptedException {
    try {
      if (grpc != null) {
        grpc.start();
      }
      if (web != null) {
        web.start();
      }
      Map<String, Discovery> bindings = new HashMap<>();
      for (Map.Entry<String, ExecutorBackend> each : executors.entrySet()) {
        bindings.put(
            each.getKey(),
            readiness.await(each.getValue().channel(), each.getValue().timeoutReady()));
      }
      router.open(Plans.of(topology, bindings));
      if (grpc != null) {
        grpc.serving();
      }
      log.atInfo()
          .addKeyValue("grpc", grpc == null ? "none" : grpc.port())
          .addKeyValue("web", web == null ? "none" : web.port())
          .log("gateway is serving");
      return this;
    } catch (InterruptedException | RuntimeException failure) {
      close();
      throw failure;
    }
  }

  /// The gRPC port.
  ///
  /// @throws IllegalStateException where there is none
  public int grpcPort() {
    if (grpc == null) {
      throw new IllegalStateException("gateway: no gRPC port");
    }
    return grpc.port();
  }

  /// The web port.
  ///
  /// @throws IllegalStateException where there is none
  public int webPort() {
    if (web == null) {
      throw new IllegalStateException("gateway: no web port");
    }
    return web.port();
  }

  /// The router, for requests from within the process.
  public Router router() {
    return router;
  }

  /// Says whether requests are accepted now; health tells it.
  public void accepts(boolean now) {
    if (grpc != null && !stopping.get()) {
      grpc.accepts(now);
    }
  }

  /// Stops in order, within the configured grace period. A second call does nothing.
  @Override
  public void close() {
    if (!stopping.compareAndSet(false, true)) {
      return;
    }
    readiness.cancel();
    try {
      drain();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } finally {
      router.drain();
      stopPorts();
      executors.values().forEach(backend -> backend.channel().close());
      loops.close();
      workers.shutdownNow();
    }
  }

  private void drain() throws InterruptedException {
    if (grpc != null) {
      grpc.drain();
    }
    if (web != null) {
      web.drain();
    }
    long end = System.nanoTime() + options.grace().toNanos();
    boolean idle;
    do {
      if (grpc != null) {
        grpc.closeIdleStreams();
      }
      idle = router.awaitIdle(DRAIN_STEP);
    } while (!idle && System.nanoTime() < end);
    if (!idle) {
      log.atWarn()
          .addKeyValue("grace", options.grace())
          .log("requests cancelled at the end of the grace period");
    }
  }

  private void stopPorts() {
    if (grpc != null) {
      grpc.stop();
    }
    if (web != null) {
      web.stop();
    }
  }

  /// What stands for an executor that only passes requests on.
  private record NeverCalled(String name) implements Backend {
    @Override
    public void call(List<Envelope> parts, Metadata headers, Reply reply) {
      throw new FlowException(ErrorCode.INTERNAL, "executor has no connection");
    }

    @Override
    public String address() {
      return "nowhere";
    }
  }
}
