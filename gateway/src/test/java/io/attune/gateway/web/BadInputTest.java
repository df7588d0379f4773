package io.attune.gateway.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.gateway.TestFlow;
import io.attune.gateway.TestFlow.Answer;
import io.attune.gateway.graph.Plans;
import io.attune.gateway.graph.Topology;
import io.attune.gateway.router.LiveModels;
import io.attune.gateway.router.Router;
import io.attune.gateway.router.RouterLimits;
import io.attune.runtime.testing.EchoExecutor;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Tests what the web port answers to requests that are malformed, oversized or hostile: a clear
/// refusal, and it serves on.
class BadInputTest {
  private static TestFlow flow;

  @BeforeAll
  static void start() throws Exception {
    String yaml =
        """
        jtype: Flow
        gateway:
          protocol: [GRPC, HTTP]
          port: [0, 0]
          host: 127.0.0.1
          grpc_server_options: {grpc.max_receive_message_length: 100000}
        executors: [{name: one, uses: Test}]
        """;
    flow = TestFlow.start(yaml, new EchoExecutor());
  }

  @AfterAll
  static void stop() throws Exception {
    flow.close();
  }

  @AfterEach
  void servesOn() throws Exception {
    assertThat(flow.post("/echo", "{\"data\": [{\"text\": \"a\"}]}").code()).isEqualTo(200);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      textBlock =
          """
          {"data": [                                  | body at line 1, column
          {"data": [{"text": "a"}]                    | body at line 1, column
          not json                                    | body at line 1, column 1: not JSON
          [1, 2]                                      | body: a list (expected: an object)
          "text"                                      | body: a string (expected: an object)
          null                                        | body: null (expected: an object)
          {} {}                                       | an object after the object (expected: nothing)
          {"a": 1, "b": 2}                            | body: a (expected: data, parameters, targetExecutor, execEndpoint)
          {"data": 7}                                 | data: a number (expected: a list of documents)
          {"data": [7]}                               | body at line 1, column 11: /data/0
          {"data": [{"txt": "a"}]}                    | /data/0/txt
          {"data": [{"text": 7}]}                     | /data/0/text
          {"data": [{"embedding": [1, "x"]}]}         | /data/0/embedding
          {"data": [{"blob": "!"}]}                   | /data/0/blob
          {"data": {"docs": [], "more": 1}}           | data: more (expected: docs alone)
          {"data": [], "data": []}                    | uplicate
          {"parameters": []}                          | parameters: a list (expected: an object)
          {"parameters": {"a": 1e999}}                | parameters: 1e999 (expected: a number that fits 64 bits)
          {"parameters": {"a": NaN}}                  | not JSON
          {"execEndpoint": 1}                         | execEndpoint: a number (expected: a string)
          {"header": 1}                               | header: a number (expected: an object)
          {"header": {"target_executor": []}}         | target_executor: a list (expected: a string)
          {"targetExecutor": "("}                     | target_executor: ( (expected: a regular expression
          """)
  void refusesBodiesThatAreNoRequest(String body, String message) throws Exception {
    assertRefused(flow.post("/post", body), 400, message);
  }

  @Test
  void refusesBytesThatAreNoText() throws Exception {
    byte[] body = "{\"data\": [{\"text\": \"\u00e4\"}]}".getBytes(StandardCharsets.ISO_8859_1);
    Answer answer = flow.send(flow.request("/echo").POST(BodyPublishers.ofByteArray(body)));
    assertRefused(answer, 400, "body at line 1, column 23: malformed JSON: Invalid UTF-8");
  }

  @Test
  void refusesDeepNesting() throws Exception {
    String lists = "[".repeat(5_000) + "]".repeat(5_000);
    String objects = "{\"a\":".repeat(5_000) + "1" + "}".repeat(5_000);
    String chunks = "{\"chunks\":[".repeat(60) + "]}".repeat(60);
    assertRefused(flow.post("/echo", lists), 400, "expected: an object");
    assertRefused(flow.post("/echo", "{\"data\": " + lists + "}"), 400, "body at line 1");
    assertRefused(flow.post("/echo", "{\"routes\": " + lists + "}"), 400, "depth");
    assertRefused(
        flow.post("/echo", "{\"parameters\": " + objects + "}"),
        400,
        "parameters: nested deeper than 24 (expected: at most that)");
    assertRefused(
        flow.post("/echo", "{\"parameters\": {\"a\": " + lists + "}}"), 400, "nested deeper");
    assertRefused(flow.post("/echo", "{\"data\": [" + chunks + "]}"), 400, "chunks");
    assertRefused(flow.post("/echo", "{\"data\": [{\"tags\": " + objects + "}]}"), 400, "tags");
    assertRefused(flow.post("/echo", "{\"data\": [{\"tensor\": " + lists + "}]}"), 400, "tensor");
  }

  @Test
  void refusesABodyThatIsTooLargeHoweverItIsSent() throws Exception {
    byte[] body =
        ("{\"data\": [{\"text\": \"" + "a".repeat(200_000) + "\"}]}")
            .getBytes(StandardCharsets.UTF_8);
    String message = "body: larger than 100000 bytes (expected: at most that)";
    assertRefused(
        flow.send(flow.request("/echo").POST(BodyPublishers.ofByteArray(body))), 413, message);
    assertRefused(
        flow.send(
            flow.request("/echo")
                .POST(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body)))),
        413,
        message);
  }

  @ParameterizedTest
  @CsvSource({"text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=a"})
  void refusesOtherContentTypes(String type) throws Exception {
    Answer answer =
        flow.send(
            flow.request("/echo")
                .setHeader("content-type", type)
                .POST(BodyPublishers.ofString("{}")));
    assertRefused(answer, 415, "(expected: application/json)");
  }

  @ParameterizedTest
  @CsvSource({"application/json; charset=utf-8", "application/problem+json"})
  void takesJsonUnderItsOtherNames(String type) throws Exception {
    assertThat(
            flow.send(
                    flow.request("/echo")
                        .setHeader("content-type", type)
                        .POST(BodyPublishers.ofString("{}")))
                .code())
        .isEqualTo(200);
  }

  @ParameterizedTest
  @CsvSource({
    "POST, /nowhere, 404, 'path: /nowhere (expected: /post, or an endpoint: /count, /echo, /index, /parameters)'",
    "GET, /search, 405, ",
    "PUT, /echo, 405, ",
    "DELETE, /index, 405, ",
    "GET, /nowhere, 405, ",
    "POST, /clear, 403, /clear changes how the Flow works"
  })
  void refusesPathsAndMethodsThatAreNotServed(String method, String path, int code, String message)
      throws Exception {
    BodyPublisher body =
        method.equals("POST") ? BodyPublishers.ofString("{}") : BodyPublishers.noBody();
    Answer answer = flow.send(flow.request(path).method(method, body));
    assertRefused(answer, code, message == null ? "" : message);
  }

  @Test
  void refusesMoreParametersThanItHasRoomFor() throws IOException, InterruptedException {
    try (TestFlow wide = TestFlow.of(new EchoExecutor())) {
      String numbers = "1,".repeat(1_000_000) + "1";
      assertRefused(
          wide.post("/echo", "{\"parameters\": {\"a\": [" + numbers + "]}}"),
          400,
          "parameters: more than 1000000 values");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/post", "/no-such-path"})
  void givesUpOnABodyThatDoesNotCome(String path) throws Exception {
    Topology empty = Topology.of(List.of(), List.of());
    Router router =
        new Router(
            "gateway",
            empty,
            List.of(),
            LiveModels.none(),
            RouterLimits.standard(),
            new SimpleMeterRegistry(),
            Runnable::run);
    router.open(Plans.of(empty, Map.of()));
    WebPort port =
        new WebPort(
            router,
            new WebPort.Options(
                "127.0.0.1", 0, 1000, Duration.ofMillis(50), false, true, true, "", ""),
            () -> "",
            Runnable::run);
    port.start();
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port.port())) {
      socket.setSoTimeout(30_000);
      String head =
          "POST %s HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{"
              .formatted(path);
      socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
      BufferedReader answer =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
      assertThat(answer.readLine()).startsWith("HTTP/1.1 408");
    } finally {
      port.stop();
    }
  }

  private static void assertRefused(Answer answer, int code, String message) {
    assertThat(answer.code()).as(answer.text()).isEqualTo(code);
    assertThat(answer.detail()).isNotEmpty().contains(message);
    assertThat(answer.text()).doesNotContain("at io.", "jackson");
  }
}
