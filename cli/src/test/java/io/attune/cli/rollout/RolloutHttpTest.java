package io.attune.cli.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Rollouts as JSON over HTTP, against an embedded Flow.
@Timeout(120)
class RolloutHttpTest {
  private static final String TOKEN = "0123456789abcdef";
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String FLOW =
      PlantedFlow.ENCODER
          .replace("model: m,", "model: m@1,")
          .replace("admin_port: 0", "admin_port: 0, admin_http_port: 0");

  @TempDir private Path folder;

  private final HttpClient client = HttpClient.newHttpClient();

  /// An answer.
  private record Told(int status, String body) {
    JsonNode json() {
      return JSON.readTree(body);
    }
  }

  private Told get(PlantedFlow flow, String path) throws IOException, InterruptedException {
    return send(HttpRequest.newBuilder(uri(flow, path)));
  }

  private Told post(PlantedFlow flow, String path, String body)
      throws IOException, InterruptedException {
    return send(
        HttpRequest.newBuilder(uri(flow, path))
            .header("content-type", "application/json")
            .POST(BodyPublishers.ofString(body)));
  }

  private Told send(HttpRequest.Builder request) throws IOException, InterruptedException {
    HttpResponse<String> answer = client.send(request.build(), BodyHandlers.ofString());
    return new Told(answer.statusCode(), answer.body());
  }

  private static URI uri(PlantedFlow flow, String path) {
    return URI.create("http://localhost:" + flow.flow.adminHttpPort() + path);
  }

  @Test
  void swapsWatchesAndTakesBack() throws IOException, InterruptedException {
    try (PlantedFlow flow = PlantedFlow.start(folder, FLOW)) {
      assertThat(get(flow, "/rollouts").json().at("/live/0/version").asString()).isEqualTo("1");

      Told started =
          post(
              flow,
              "/rollouts",
              "{\"model\": \"m\", \"version\": \"2\", \"options\": {\"drainSeconds\": 600}}");
      assertThat(started.status()).as(started.body()).isEqualTo(200);
      String id = started.json().get("id").asString();
      flow.await(id, each -> each.getReached() && each.hasRetires());
      assertThat(get(flow, "/rollouts/" + id).json().get("state").asString()).isEqualTo("LIVE");

      Told proceeded = post(flow, "/rollouts/m/proceed", "");
      assertThat(proceeded.json().get("state").asString()).isEqualTo("RETIRED");
      Told watched = get(flow, "/rollouts/" + id + "/watch");
      List<String> lines = watched.body().lines().toList();
      JsonNode last = JSON.readTree(lines.getLast());
      assertThat(last.get("state").asString()).isEqualTo("RETIRED");
      assertThat(last.get("reached").asBoolean()).isTrue();

      Told back = post(flow, "/models/m/rollback", "{}");
      assertThat(back.json().get("toVersion").asString()).as(back.body()).isEqualTo("1");
      JsonNode all = get(flow, "/rollouts?model=m").json().get("rollouts");
      assertThat(all.size()).isEqualTo(2);
      assertThat(get(flow, "/rollouts?model=other").json().has("rollouts")).isFalse();
    }
  }

  @Test
  void watchingEndsWithTheRollout() throws Exception {
    try (PlantedFlow flow = PlantedFlow.start(folder, FLOW)) {
      Told started =
          post(flow, "/rollouts", "{\"model\": \"m\", \"options\": {\"drain_seconds\": 0}}");

      Told watched = get(flow, "/rollouts/" + started.json().get("id").asString() + "/watch");

      assertThat(watched.body().lines().count()).isGreaterThan(1);
      assertThat(JSON.readTree(watched.body().lines().toList().getLast()).get("state").asString())
          .isEqualTo("RETIRED");
    }
  }

  @Test
  void saysWhatIsWrong() throws IOException, InterruptedException {
    try (PlantedFlow flow = PlantedFlow.start(folder, FLOW)) {
      refused(get(flow, "/rollouts/none"), 404, "rollout");
      refused(get(flow, "/rollouts/none/watch"), 404, "rollout");
      refused(post(flow, "/rollouts", "{\"model\": \"m\", \"version\": \"9\"}"), 404, "m@9");
      refused(post(flow, "/rollouts", "{\"modle\": \"m\"}"), 400, "modle");
      refused(post(flow, "/rollouts", "no json"), 400, "body: ");
      refused(post(flow, "/rollouts/none/pause", ""), 404, "rollout");
      refused(get(flow, "/other"), 404, "");
      Told form =
          send(HttpRequest.newBuilder(uri(flow, "/rollouts")).POST(BodyPublishers.ofString("{}")));
      refused(form, 415, "content-type: null (expected: application/json)");
      assertThat(withHost(flow, "evil.example")).startsWith("HTTP/1.1 403");
      assertThat(withHost(flow, "127.0.0.1")).startsWith("HTTP/1.1 200");
    }
  }

  @Test
  void asksForTheToken() throws IOException, InterruptedException {
    String yaml = FLOW.replace("admin_http_port: 0", "admin_http_port: 0, admin_token: " + TOKEN);
    try (PlantedFlow flow = PlantedFlow.start(folder, yaml)) {
      refused(get(flow, "/rollouts"), 401, "authorization");
      HttpRequest.Builder request = HttpRequest.newBuilder(uri(flow, "/rollouts"));
      refused(send(request.copy().header("authorization", "Bearer " + TOKEN + "0")), 401, "auth");
      Told told = send(request.header("authorization", "Bearer " + TOKEN));
      assertThat(told.status()).isEqualTo(200);
    }
  }

  private static void refused(Told told, int status, String detail) {
    assertThat(told.status()).as(told.body()).isEqualTo(status);
    assertThat(told.json().get("detail").asString()).contains(detail);
  }

  /// The head of an answer to a request that names a host, as a page of that host would send it.
  private static String withHost(PlantedFlow flow, String host) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), flow.flow.adminHttpPort())) {
      socket
          .getOutputStream()
          .write(
              "GET /rollouts HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n"
                  .formatted(host)
                  .getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
