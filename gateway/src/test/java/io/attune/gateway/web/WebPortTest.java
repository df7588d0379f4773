package io.attune.gateway.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.gateway.TestFlow;
import io.attune.gateway.TestFlow.Answer;
import io.attune.runtime.testing.EchoExecutor;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// Tests what the web port answers to requests that are in order.
class WebPortTest {
  private static TestFlow flow;

  @BeforeAll
  static void start() throws Exception {
    flow = TestFlow.of(new EchoExecutor());
  }

  @AfterAll
  static void stop() throws Exception {
    flow.close();
  }

  @Test
  void tellsThatItServes() throws Exception {
    assertThat(flow.get("/")).isEqualTo(new Answer(200, "{}"));
    JsonNode dryRun = flow.get("/dry_run").json();
    assertThat(dryRun.get("code").intValue()).isZero();
    assertThat(dryRun.get("exception").isNull()).isTrue();
    JsonNode status = flow.get("/status").json();
    assertThat(status.propertyNames()).containsExactlyInAnyOrder("jina", "envs");
    assertThat(status.at("/jina/attune").isString()).isTrue();
    assertThat(flow.get("/metrics").text())
        .contains("jina_successful_requests_total{runtime_name=\"gateway/rep-0\"}")
        .contains("jina_number_of_pending_requests");
  }

  @Test
  void answersInJinasShape() throws Exception {
    String body =
        """
        {"data": [{"id": "d1", "text": "a", "tags": {"n": 1}, "embedding": [0.5, 1]}],
         "parameters": {"k": 2}, "execEndpoint": "/echo"}
        """;
    JsonNode answer = flow.post("/post", body).json();

    assertThat(answer.propertyNames()).containsExactly("header", "parameters", "routes", "data");
    JsonNode header = answer.get("header");
    assertThat(header.propertyNames())
        .containsExactly("requestId", "status", "execEndpoint", "targetExecutor", "timeout");
    assertThat(header.get("requestId").asString()).matches("[0-9a-f]{32}");
    assertThat(header.get("status").isNull()).isTrue();
    assertThat(header.get("execEndpoint").asString()).isEqualTo("/echo");
    assertThat(answer.at("/parameters/k").doubleValue()).isEqualTo(2.0);
    assertThat(answer.at("/routes/0/executor").asString()).isEqualTo("gateway");
    assertThat(answer.at("/routes/1/executor").asString()).isEqualTo("one");
    assertThat(answer.at("/routes/1/startTime").asString()).endsWith("Z");
    JsonNode document = answer.at("/data/0");
    assertThat(document.get("id").asString()).isEqualTo("d1");
    assertThat(document.at("/tags/n").doubleValue()).isEqualTo(1.0);
    assertThat(document.at("/embedding/0").doubleValue()).isEqualTo(0.5);
    assertThat(document.get("mime_type").isNull()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "POST, /index, /index",
    "POST, /search, /search",
    "POST, /update, /update",
    "PUT, /update, /update",
    "POST, /delete, /delete",
    "DELETE, /delete, /delete",
    "POST, /echo, /echo",
    "POST, /post, /"
  })
  void callsTheEndpointOfThePath(String method, String path, String endpoint) throws Exception {
    Answer answer =
        flow.send(
            flow.request(path)
                .method(method, BodyPublishers.ofString("{\"data\": [{\"text\": \"a\"}]}")));
    assertThat(answer.code()).isEqualTo(200);
    assertThat(answer.json().at("/header/execEndpoint").asString()).isEqualTo(endpoint);
    assertThat(answer.json().at("/data/0/text").asString()).isEqualTo("a");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"data\": [{\"text\": \"a\"}], \"execEndpoint\": \"/count\"}",
        "{\"data\": {\"text\": \"a\"}, \"exec_endpoint\": \"/count\"}",
        "{\"data\": {\"docs\": [{\"text\": \"a\"}]}, \"header\": {\"exec_endpoint\": \"/count\"}}",
        "{\"header\": {\"execEndpoint\": \"/count\", \"requestId\": \"x\"}, \"routes\": [],"
            + " \"request_id\": \"x\", \"parameters\": null, \"data\": [{\"text\": \"a\"}]}",
        "{\"data\": {\"docs\": {\"text\": \"a\"}}, \"execEndpoint\": \"/count\"}"
      })
  void readsBodiesInEveryStyle(String body) throws Exception {
    JsonNode answer = flow.post("/post", body).json();
    assertThat(answer.at("/parameters/__results__/one/count").doubleValue())
        .as(answer.toString())
        .isEqualTo(1.0);
    assertThat(answer.at("/header/requestId").asString()).isNotEqualTo("x");
  }

  @Test
  void targetExecutorChoosesByTheStartOfTheName() throws Exception {
    String body = "{\"data\": [{\"text\": \"a\"}], \"targetExecutor\": \"%s\"}";
    assertThat(routes(flow.post("/count", body.formatted("on")))).containsExactly("gateway", "one");
    assertThat(routes(flow.post("/count", body.formatted("two")))).containsExactly("gateway");
  }

  private static List<String> routes(Answer answer) {
    return answer
        .json()
        .get("routes")
        .valueStream()
        .map(r -> r.get("executor").asString())
        .toList();
  }

  @Test
  void anEmptyBodyIsARequestWithoutDocuments() throws Exception {
    Answer answer = flow.post("/count", "");
    assertThat(answer.json().at("/parameters/__results__/one/count").doubleValue()).isZero();
  }

  @Test
  void describesItselfWithoutWhatIsNotForCallers() throws Exception {
    JsonNode document = flow.get("/openapi.json").json();
    assertThat(document.get("openapi").asString()).startsWith("3.");
    assertThat(document.get("paths").propertyNames())
        .contains("/", "/post", "/index", "/search", "/status", "/dry_run", "/metrics", "/echo")
        .doesNotContain("/clear", "/_jina_dry_run_");
  }

  @Test
  void closesWhatTheFlowCloses() throws Exception {
    String yaml =
        """
        jtype: Flow
        gateway:
          protocol: [GRPC, HTTP]
          port: [0, 0]
          host: 127.0.0.1
          no_debug_endpoints: true
          no_crud_endpoints: true
          cors: true
        executors: [{name: one, uses: Test}]
        """;
    try (TestFlow closed = TestFlow.start(yaml, new EchoExecutor())) {
      assertThat(closed.post("/post", "{}").code()).isEqualTo(404);
      assertThat(closed.post("/index", "{}").code()).isEqualTo(404);
      assertThat(closed.get("/status").code()).isIn(404, 405);
      assertThat(closed.post("/echo", "{}").code()).isEqualTo(200);
      assertThat(closed.get("/openapi.json").json().get("paths").propertyNames())
          .contains("/echo")
          .doesNotContain("/post", "/status", "/index");
    }
  }

  @Test
  void aRequestCarriesModelAndPriorityInHeaders() throws Exception {
    Answer wrong =
        flow.send(
            flow.request("/echo")
                .header("x-attune-priority", "soon")
                .POST(BodyPublishers.ofString("{}")));
    assertThat(wrong.code()).isEqualTo(400);
    assertThat(wrong.detail()).isEqualTo("x-attune-priority: soon (expected: interactive or bulk)");
  }
}
