package io.attune.gateway.embedded;

import io.attune.flows.ExecutorPlan;
import io.attune.flows.FlowPlan;
import io.attune.gateway.Gateway;
import io.attune.gateway.PlannedGateway;
import io.attune.runtime.Executor;
import io.attune.runtime.ExecutorContext;
import io.attune.runtime.ExecutorFactory;
import io.attune.runtime.FlowException;
import io.attune.runtime.channel.Address;
import io.attune.runtime.error.Failures;
import io.attune.runtime.registry.ExecutorRegistry;
import io.attune.runtime.server.ExecutorServer;
import io.attune.runtime.server.ServerOptions;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// A Flow in one process: every executor of the plan that does not run elsewhere, connected within
/// the process and listening where the plan gives it a port, and the gateway on its ports.
///
/// Executors are made at the same time and closed in reverse, after the gateway has stopped.
public final class EmbeddedFlow implements AutoCloseable {
  private static final Duration HEALTH_PAUSE = Duration.ofMillis(500);

  private final FlowPlan plan;
  private final ExecutorRegistry executors;
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final Map<String, Started> started = new LinkedHashMap<>();
  private final AtomicBoolean closed = new AtomicBoolean();
  private final MetricsPages pages;
  private FlowRollouts rollouts;
  private @Nullable Authority health;
  private Gateway gateway;

  /// An executor that serves.
  private record Started(ExecutorServer server, String inProcessName) {}

  private EmbeddedFlow(FlowPlan plan, ExecutorRegistry executors) throws InterruptedException {
    this.plan = plan;
    this.executors = executors;
    this.pages = MetricsPages.start(plan, registry);
    try {
      startExecutors();
      this.rollouts = FlowRollouts.open(plan, this::inProcess);
      this.gateway = PlannedGateway.of(plan, this::addresses, rollouts.live(), registry);
      rollouts.listen();
      gateway.start();
      rollouts.serve(gateway.router());
      health = new Authority(HEALTH_PAUSE, _ -> gateway.accepts(rollouts.isOpen()));
    } catch (InterruptedException | RuntimeException failure) {
      if (gateway != null) {
        gateway.close();
      }
      if (rollouts != null) {
        rollouts.close();
      }
      closeExecutors();
      pages.close();
      throw failure;
    }
  }

  /// Starts a Flow with the executors found on the class path; returns once it serves.
  ///
  /// @throws FlowException where an executor cannot be made or a port cannot be bound; nothing runs
  ///   then
  public static EmbeddedFlow start(FlowPlan plan) throws InterruptedException {
    return start(plan, ExecutorRegistry.load());
  }

  /// Starts a Flow with the given kinds of executors; returns once it serves.
  ///
  /// @throws FlowException where an executor cannot be made or a port cannot be bound; nothing runs
  ///   then
  public static EmbeddedFlow start(FlowPlan plan, ExecutorRegistry executors)
      throws InterruptedException {
    return new EmbeddedFlow(plan, executors);
  }

  /// The plan it runs.
  public FlowPlan plan() {
    return plan;
  }

  /// The gateway's gRPC port.
  ///
  /// @throws IllegalStateException where the plan has none
  public int grpcPort() {
    return gateway.grpcPort();
  }

  /// The gateway's web port.
  ///
  /// @throws IllegalStateException where the plan has none
  public int webPort() {
    return gateway.webPort();
  }

  /// The port of the service `Rollouts`; -1 where there is none.
  public int adminPort() {
    return rollouts.adminPort();
  }

  /// The port of the same as JSON over HTTP; -1 where there is none.
  public int adminHttpPort() {
    return rollouts.adminHttpPort();
  }

  /// The port that an executor of this process listens on; -1 where it has none.
  public int executorPort(String executor) {
    Started here = started.get(executor);
    return here == null ? -1 : here.server().port();
  }

  /// The ports of the metrics pages that the plan asks for, by the name of gateway or executor.
  public Map<String, Integer> metricsPorts() {
    return pages.ports();
  }

  /// The gateway.
  public Gateway gateway() {
    return gateway;
  }

  /// The metrics of gateway and executors.
  public PrometheusMeterRegistry registry() {
    return registry;
  }

  /// Stops the gateway in its order, then the executors in reverse. A second call does nothing.
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      if (health != null) {
        health.close();
      }
      gateway.close();
      rollouts.close();
      closeExecutors();
      pages.close();
    }
  }

  private void startExecutors() throws InterruptedException {
    Map<String, Future<Started>> starting = new LinkedHashMap<>();
    FlowException failure = null;
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (ExecutorPlan executor : plan.executors()) {
        if (executor.external() == null && !executor.passThrough()) {
          ExecutorFactory factory = factory(executor);
          starting.put(executor.name(), threads.submit(() -> start(executor, factory)));
        }
      }
      for (Map.Entry<String, Future<Started>> each : starting.entrySet()) {
        try {
          started.put(each.getKey(), each.getValue().get());
        } catch (ExecutionException e) {
          FlowException cause = Failures.from(e);
          FlowException named =
              new FlowException(
                  cause.code(),
                  "executor %s: %s".formatted(each.getKey(), cause.getMessage()),
                  cause);
          if (failure == null) {
            failure = named;
          } else {
            failure.addSuppressed(named);
          }
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  private ExecutorFactory factory(ExecutorPlan executor) {
    try {
      return executors.find(executor.uses());
    } catch (FlowException unknown) {
      throw new FlowException(
          unknown.code(), "executor %s: %s".formatted(executor.name(), unknown.getMessage()));
    }
  }

  private Started start(ExecutorPlan executor, ExecutorFactory factory) {
    ExecutorContext context = PlannedExecutor.context(executor, registry);
    Executor made = factory.create(context);
    String name =
        "attune-%s-%s-%x".formatted(plan.name(), executor.name(), System.identityHashCode(this));
    ServerOptions options =
        PlannedExecutor.options(
            executor, ServerOptions.inProcess(name).host(executor.host()).port(executor.port()));
    return new Started(ExecutorServer.start(made, context, options), name);
  }

  private List<Address> addresses(ExecutorPlan executor) {
    Address here = inProcess(executor.name());
    return here == null ? PlannedGateway.remote(executor) : List.of(here);
  }

  /// Where an executor of this process is; null for one of another.
  private @Nullable Address inProcess(String executor) {
    Started here = started.get(executor);
    return here == null ? null : new Address(Address.Scheme.INPROCESS, here.inProcessName(), 0);
  }

  private void closeExecutors() {
    List<Started> reverse = new ArrayList<>(started.values()).reversed();
    reverse.forEach(executor -> executor.server().close());
  }
}
