package io.attune.gateway.embedded;

import io.attune.flows.ExecutorPlan;
import io.attune.flows.FlowPlan;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.metrics.MetricsServer;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.Map;

/// The metrics pages that `monitoring: true` asks for. Each shows what is measured in the process,
/// which is the same for all parts of the Flow.
final class MetricsPages implements AutoCloseable {
  private final PrometheusMeterRegistry registry;
  private final Map<String, MetricsServer> pages = new LinkedHashMap<>();

  private MetricsPages(PrometheusMeterRegistry registry) {
    this.registry = registry;
  }

  /// Starts the pages of the gateway and of the executors that run here.
  ///
  /// @throws FlowException where a port cannot be bound; no page is left then
  static MetricsPages start(FlowPlan plan, PrometheusMeterRegistry registry) {
    MetricsPages pages = new MetricsPages(registry);
    try {
      if (plan.gateway().monitoring()) {
        pages.add(plan.gateway().name(), plan.gateway().host(), plan.gateway().monitoringPort());
      }
      for (ExecutorPlan executor : plan.executors()) {
        if (executor.monitoring() && executor.external() == null && !executor.passThrough()) {
          pages.add(executor.name(), executor.host(), executor.monitoringPort());
        }
      }
      return pages;
    } catch (FlowException failure) {
      pages.close();
      throw failure;
    }
  }

  private void add(String name, String host, int port) {
    try {
      pages.put(name, MetricsServer.start(new InetSocketAddress(host, port), registry));
    } catch (IOException failure) {
      throw new FlowException(
          ErrorCode.FAILED_PRECONDITION,
          "port_monitoring of %s: %s:%d cannot be bound: %s (expected: a free port)"
              .formatted(name, host, port, failure.getMessage()),
          failure);
    }
  }

  /// The port of each page, by the name of the gateway or executor.
  Map<String, Integer> ports() {
    Map<String, Integer> ports = new LinkedHashMap<>();
    pages.forEach((name, page) -> ports.put(name, page.port()));
    return ports;
  }

  @Override
  public void close() {
    pages.values().forEach(MetricsServer::close);
  }
}
