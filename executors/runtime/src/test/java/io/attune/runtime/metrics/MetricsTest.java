package io.attune.runtime.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.proto.jina.DataRequestProto;
import io.attune.runtime.Answer;
import io.attune.runtime.ExecutorContext;
import io.attune.runtime.Parameters;
import io.attune.runtime.metrics.JinaMetric.Labels;
import io.attune.runtime.testing.EchoExecutor;
import io.attune.runtime.testing.FailingExecutor;
import io.attune.runtime.testing.Requests;
import io.attune.runtime.testing.TestServer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class MetricsTest {
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

  @Test
  void thePageHasJinasNamesAndLabels() throws Exception {
    try (TestServer server = TestServer.of(new EchoExecutor(), context("executor0"))) {
      DataRequestProto request = Requests.of("/echo", "one", "two");
      DataRequestProto answer = server.single().processSingleData(request);
      server.single().processSingleData(request);
      String of =
          "{executor=\"EchoExecutor\",executor_endpoint=\"/echo\",runtime_name=\"executor0/rep-0\"} ";
      assertThat(lines(scrape("/metrics").body()))
          .contains(
              "jina_process_request_seconds_count" + of + "2",
              "jina_document_processed_total" + of + "4.0",
              "jina_received_request_bytes_count" + of + "2",
              "jina_received_request_bytes_sum" + of + (2.0 * request.getSerializedSize()),
              "jina_request_size_bytes_count" + of + "2",
              "jina_sent_response_bytes_sum" + of + (2.0 * answer.getSerializedSize()),
              "jina_receiving_request_seconds_count{runtime_name=\"executor0/rep-0\"} 2",
              "jina_successful_requests_total{runtime_name=\"executor0/rep-0\"} 2.0",
              "jina_failed_requests_total{runtime_name=\"executor0/rep-0\"} 0.0",
              "# TYPE jina_process_request_seconds summary");
    }
  }

  @Test
  void failuresCountAsFailuresOnly() throws Exception {
    try (TestServer server = TestServer.of(new FailingExecutor(), context("executor0"))) {
      server.single().processSingleData(Requests.of("/bug"));
      assertThat(lines(scrape("/").body()))
          .contains(
              "jina_failed_requests_total{runtime_name=\"executor0/rep-0\"} 1.0",
              "jina_successful_requests_total{runtime_name=\"executor0/rep-0\"} 0.0",
              "jina_receiving_request_seconds_count{runtime_name=\"executor0/rep-0\"} 0");
    }
  }

  @Test
  void aCallersTextIsNeverALabel() throws Exception {
    ExecutorContext context = context("executor0");
    try (TestServer server =
        TestServer.of(
            endpoints -> endpoints.read("/default", call -> Answer.unchanged()), context)) {
      server.single().processSingleData(Requests.of("/made-up-by-a-caller"));
      assertThat(scrape("/metrics").body())
          .contains("executor_endpoint=\"/default\"")
          .doesNotContain("made-up-by-a-caller");
    }
  }

  @Test
  void aGatewayAndAnExecutorShareARegistry() throws Exception {
    Labels gateway = Labels.of("gateway/rep-0");
    JinaMetric.RECEIVED_REQUEST.bytes(registry, gateway).record(10);
    JinaMetric.SENDING_REQUEST.timer(registry, gateway).record(Duration.ofSeconds(1));
    try (TestServer server = TestServer.of(new EchoExecutor(), context("executor0"))) {
      server.single().processSingleData(Requests.of("/echo"));
      assertThat(lines(scrape("/metrics").body()))
          .contains(
              "jina_received_request_bytes_sum{executor=\"\",executor_endpoint=\"\",runtime_name=\"gateway/rep-0\"} 10.0",
              "jina_sending_request_seconds_sum{runtime_name=\"gateway/rep-0\"} 1.0")
          .anyMatch(line ->
              line.startsWith("jina_received_request_bytes_count{executor=\"EchoExecutor\""));
    }
  }

  @Test
  void thePageAnswersOnlyWhatItHas() throws Exception {
    assertThat(scrape("/other").statusCode()).isEqualTo(404);
    try (MetricsServer page = page()) {
      HttpRequest post =
          HttpRequest.newBuilder(uri(page, "/metrics"))
              .POST(HttpRequest.BodyPublishers.noBody())
              .build();
      assertThat(send(post).statusCode()).isEqualTo(405);
    }
  }

  private ExecutorContext context(String name) {
    return new ExecutorContext(name, Parameters.EMPTY, Path.of("unused"), registry);
  }

  private HttpResponse<String> scrape(String path) throws Exception {
    try (MetricsServer page = page()) {
      return send(HttpRequest.newBuilder(uri(page, path)).build());
    }
  }

  private MetricsServer page() throws Exception {
    return MetricsServer.start(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), registry);
  }

  private static URI uri(MetricsServer page, String path) {
    return URI.create("http://127.0.0.1:" + page.port() + path);
  }

  private static HttpResponse<String> send(HttpRequest request) throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(request, BodyHandlers.ofString());
    }
  }

  private static List<String> lines(String page) {
    return Arrays.asList(page.split("\n", -1));
  }
}
