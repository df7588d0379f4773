package io.attune.runtime.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Timer;
import java.util.List;
import java.util.stream.Stream;

/// The metrics that Jina's dashboards query, under the names they query.
///
/// Names are given as Micrometer has them; on a Prometheus page `jina.process.request` reads
/// `jina_process_request_seconds`. Each metric always has all its labels, since Prometheus takes a
/// name with one set of labels only and a gateway shares names with executors; a label without a
/// value is empty, which Prometheus reads as absent.
public enum JinaMetric {
  /// Time from the arrival of a request to its answer; seconds.
  RECEIVING_REQUEST("jina.receiving.request", "time spent on a request, all in all"),
  /// Time in the executor's method; seconds.
  PROCESS_REQUEST("jina.process.request", "time spent in the executor's method"),
  /// Time from sending a request to an executor to its answer; seconds.
  SENDING_REQUEST("jina.sending.request", "time between sending a request and its answer"),
  /// Requests under way.
  PENDING_REQUESTS("jina.number.of.pending.requests", "requests under way"),
  /// Requests answered with an error.
  FAILED_REQUESTS("jina.failed.requests", "requests that failed"),
  /// Requests answered without an error.
  SUCCESSFUL_REQUESTS("jina.successful.requests", "requests that succeeded"),
  /// Documents given to an executor's method.
  DOCUMENT_PROCESSED("jina.document.processed", "documents given to the executor's method"),
  /// Sizes of requests that came in.
  RECEIVED_REQUEST("jina.received.request", "size of a request that came in"),
  /// The older name of the same.
  REQUEST_SIZE("jina.request.size", "size of a request that came in"),
  /// Sizes of answers that went out.
  SENT_RESPONSE("jina.sent.response", "size of an answer that went out"),
  /// Sizes of requests sent on to an executor.
  SENT_REQUEST("jina.sent.request", "size of a request sent on"),
  /// Sizes of the answers of executors.
  RECEIVED_RESPONSE("jina.received.response", "size of an answer of an executor");

  private final String meter;
  private final String description;

  JinaMetric(String meter, String description) {
    this.meter = meter;
    this.description = description;
  }

  /// The name as Micrometer has it.
  public String meter() {
    return meter;
  }

  /// A summary of seconds.
  public Timer timer(MeterRegistry registry, Labels labels) {
    return Timer.builder(meter).description(description).tags(labels.of(this)).register(registry);
  }

  /// A summary of bytes.
  public DistributionSummary bytes(MeterRegistry registry, Labels labels) {
    return DistributionSummary.builder(meter)
        .baseUnit("bytes")
        .description(description)
        .tags(labels.of(this))
        .register(registry);
  }

  /// A count.
  public Counter counter(MeterRegistry registry, Labels labels) {
    return Counter.builder(meter).description(description).tags(labels.of(this)).register(registry);
  }

  /// The labels of a metric.
  ///
  /// @param runtimeName the process: `gateway/rep-0`, `executor0/rep-0`
  /// @param executor the executor's class; empty on a gateway
  /// @param endpoint an endpoint that is bound (never any text of a caller); empty on a gateway
  public record Labels(String runtimeName, String executor, String endpoint) {
    /// The labels of a gateway, and of what an executor counts over all endpoints.
    public static Labels of(String runtimeName) {
      return new Labels(runtimeName, "", "");
    }

    private List<Tag> of(JinaMetric metric) {
      Tag name = Tag.of("runtime_name", runtimeName);
      return switch (metric) {
        case RECEIVING_REQUEST,
            PENDING_REQUESTS,
            FAILED_REQUESTS,
            SUCCESSFUL_REQUESTS,
            SENDING_REQUEST,
            SENT_REQUEST,
            RECEIVED_RESPONSE ->
            List.of(name);
        case PROCESS_REQUEST, DOCUMENT_PROCESSED, RECEIVED_REQUEST, REQUEST_SIZE, SENT_RESPONSE ->
            Stream.of(Tag.of("executor", executor), Tag.of("executor_endpoint", endpoint), name)
                .toList();
      };
    }
  }
}
