package io.attune.gateway.router;

import io.attune.runtime.metrics.JinaMetric;
import io.attune.runtime.metrics.JinaMetric.Labels;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.concurrent.TimeUnit;

/// What a gateway counts, under Jina's names.
final class GatewayMetrics {
  private final Timer receiving;
  private final Counter failed;
  private final Counter successful;
  private final DistributionSummary received;
  private final DistributionSummary requestSize;
  private final DistributionSummary sentResponse;
  private final Timer sending;
  private final DistributionSummary sentRequest;
  private final DistributionSummary receivedResponse;

  GatewayMetrics(MeterRegistry registry, String runtimeName, Admission admission) {
    Labels labels = Labels.of(runtimeName);
    this.receiving = JinaMetric.RECEIVING_REQUEST.timer(registry, labels);
    this.failed = JinaMetric.FAILED_REQUESTS.counter(registry, labels);
    this.successful = JinaMetric.SUCCESSFUL_REQUESTS.counter(registry, labels);
    this.received = JinaMetric.RECEIVED_REQUEST.bytes(registry, labels);
    this.requestSize = JinaMetric.REQUEST_SIZE.bytes(registry, labels);
    this.sentResponse = JinaMetric.SENT_RESPONSE.bytes(registry, labels);
    this.sending = JinaMetric.SENDING_REQUEST.timer(registry, labels);
    this.sentRequest = JinaMetric.SENT_REQUEST.bytes(registry, labels);
    this.receivedResponse = JinaMetric.RECEIVED_RESPONSE.bytes(registry, labels);
    Gauge.builder(JinaMetric.PENDING_REQUESTS.meter(), admission, Admission::requests)
        .description("requests under way")
        .tag("runtime_name", runtimeName)
        .register(registry);
  }

  void received(int bytes) {
    received.record(bytes);
    requestSize.record(bytes);
  }

  void sent(long bytes) {
    sentRequest.record((double) bytes);
  }

  void answered(int bytes, long nanos) {
    receivedResponse.record(bytes);
    sending.record(nanos, TimeUnit.NANOSECONDS);
  }

  /// A request has its answer; as Jina's, the time counts where it succeeded.
  void ended(Outcome outcome, long nanos) {
    if (outcome instanceof Outcome.Answered) {
      successful.increment();
      receiving.record(nanos, TimeUnit.NANOSECONDS);
    } else {
      failed.increment();
    }
    sentResponse.record(outcome.message().payload().size());
  }
}
