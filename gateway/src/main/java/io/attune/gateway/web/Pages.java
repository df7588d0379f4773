package io.attune.gateway.web;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import io.attune.gateway.graph.Plans;
import io.attune.gateway.router.DryRun;
import io.attune.gateway.router.Router;
import io.attune.proto.jina.JinaInfoProto;
import io.attune.runtime.server.ServerInfo;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/// What the web port tells about the Flow.
final class Pages {
  private static final MediaType PROMETHEUS =
      MediaType.parse("text/plain; version=0.0.4; charset=utf-8");

  private final Router router;
  private final WebPort.Options options;
  private final Supplier<String> metrics;

  Pages(Router router, WebPort.Options options, Supplier<String> metrics) {
    this.router = router;
    this.options = options;
    this.metrics = metrics;
  }

  /// Jina's health check: an empty object once requests are served.
  HttpResponse root() {
    return router.plans() == null
        ? json(HttpStatus.SERVICE_UNAVAILABLE, Map.of("detail", "gateway: " + router.waiting()))
        : json(HttpStatus.OK, Map.of());
  }

  HttpResponse dryRun() {
    CompletableFuture<HttpResponse> answer = new CompletableFuture<>();
    new DryRun(router)
        .start(status ->
            answer.complete(
                HttpResponse.of(
                    HttpStatus.OK, MediaType.JSON, HttpData.wrap(JsonAnswers.status(status)))));
    return HttpResponse.of(answer);
  }

  HttpResponse status() {
    JinaInfoProto info = ServerInfo.message();
    return json(
        HttpStatus.OK,
        Map.of("jina", new TreeMap<>(info.getJinaMap()), "envs", new TreeMap<>(info.getEnvsMap())));
  }

  HttpResponse openApi() {
    Plans plans = router.plans();
    return json(
        HttpStatus.OK, OpenApi.document(options, plans == null ? Map.of() : plans.endpoints()));
  }

  HttpResponse metrics() {
    return HttpResponse.of(HttpStatus.OK, PROMETHEUS, HttpData.ofUtf8(metrics.get()));
  }

  private static HttpResponse json(HttpStatus status, Object tree) {
    return HttpResponse.of(status, MediaType.JSON, HttpData.wrap(JsonAnswers.bytes(tree)));
  }
}
