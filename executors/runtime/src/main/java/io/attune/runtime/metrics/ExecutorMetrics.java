package io.attune.runtime.metrics;

import io.attune.runtime.metrics.JinaMetric.Labels;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/// What an executor counts.
public final class ExecutorMetrics {
  private final MeterRegistry registry;
  private final String executor;
  private final String runtimeName;
  private final Timer receiving;
  private final Counter failed;
  private final Counter successful;
  private final Map<String, OfEndpoint> endpoints = new ConcurrentHashMap<>();

  /// @param executor the executor's class
  /// @param runtimeName the process: `executor0/rep-0`
  public ExecutorMetrics(MeterRegistry registry, String executor, String runtimeName) {
    this.registry = registry;
    this.executor = executor;
    this.runtimeName = runtimeName;
    Labels labels = Labels.of(runtimeName);
    receiving = JinaMetric.RECEIVING_REQUEST.timer(registry, labels);
    failed = JinaMetric.FAILED_REQUESTS.counter(registry, labels);
    successful = JinaMetric.SUCCESSFUL_REQUESTS.counter(registry, labels);
  }

  /// Counts a request that ended.
  ///
  /// @param nanos its time; as in Jina only successes count towards it
  public void ended(boolean success, long nanos) {
    if (success) {
      successful.increment();
      receiving.record(nanos, TimeUnit.NANOSECONDS);
    } else {
      failed.increment();
    }
  }

  /// What is counted for one endpoint, which must be one of those that are bound.
  public OfEndpoint endpoint(String endpoint) {
    return endpoints.computeIfAbsent(
        endpoint, name -> new OfEndpoint(registry, new Labels(runtimeName, executor, name)));
  }

  /// What is counted for one endpoint.
  public static final class OfEndpoint {
    private final Timer process;
    private final Counter documents;
    private final DistributionSummary received;
    private final DistributionSummary requestSize;
    private final DistributionSummary sent;

    private OfEndpoint(MeterRegistry registry, Labels labels) {
      process = JinaMetric.PROCESS_REQUEST.timer(registry, labels);
      documents = JinaMetric.DOCUMENT_PROCESSED.counter(registry, labels);
      received = JinaMetric.RECEIVED_REQUEST.bytes(registry, labels);
      requestSize = JinaMetric.REQUEST_SIZE.bytes(registry, labels);
      sent = JinaMetric.SENT_RESPONSE.bytes(registry, labels);
    }

    /// Counts a request's bytes.
    public void received(int bytes) {
      received.record(bytes);
      requestSize.record(bytes);
    }

    /// Counts a run of the method over some documents.
    public void processed(int documentCount, long nanos) {
      documents.increment(documentCount);
      process.record(nanos, TimeUnit.NANOSECONDS);
    }

    /// Counts an answer's bytes.
    public void sent(int bytes) {
      sent.record(bytes);
    }
  }
}
