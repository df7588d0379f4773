package io.attune.gateway.web;

import io.attune.gateway.graph.Plans;
import io.attune.gateway.router.DryRun;
import io.attune.runtime.Access;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// The OpenAPI 3 document of the web port. Jina's Python client reads from it which endpoints have
/// a path of their own.
final class OpenApi {
  private static final List<String> CRUD = List.of("/index", "/search", "/update", "/delete");
  private static final List<String> DEBUG = List.of("/post", "/status");

  private OpenApi() {}

  /// The paths that the options close.
  static List<String> closedPaths(WebPort.Options options) {
    List<String> closed = new ArrayList<>();
    if (!options.crudEndpoints()) {
      closed.addAll(CRUD);
    }
    if (!options.debugEndpoints()) {
      closed.addAll(DEBUG);
    }
    return closed;
  }

  /// The document.
  ///
  /// @param endpoints the endpoints of the Flow
  static Map<String, Object> document(WebPort.Options options, Map<String, Access> endpoints) {
    Map<String, Object> paths = new TreeMap<>();
    path(paths, "/", "get", read("Whether the Flow serves requests", "an empty object"));
    path(paths, "/dry_run", "get", read("Sends an empty document through the Flow", "a status"));
    path(paths, "/metrics", "get", page("Prometheus metrics"));
    if (options.debugEndpoints()) {
      path(paths, "/status", "get", read("Versions and environment", "jina and envs"));
      path(paths, "/post", "post", call("Calls the endpoint that execEndpoint names", "post"));
    }
    if (options.crudEndpoints()) {
      CRUD.forEach(name -> path(paths, name, "post", call("Calls " + name, name.substring(1))));
      path(paths, "/update", "put", call("Calls /update", "put_update"));
      path(paths, "/delete", "delete", call("Calls /delete", "delete_delete"));
    }
    List<String> closed = closedPaths(options);
    endpoints.forEach((name, access) -> {
      String path = name.startsWith("/") ? name : "/" + name;
      boolean shown =
          access != Access.ADMIN
              && !name.equals(DryRun.ENDPOINT)
              && !name.equals(Plans.DEFAULT)
              && !closed.contains(path);
      if (shown) {
        path(paths, path, "post", call("Calls " + name, path.substring(1)));
      }
    });
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("openapi", "3.0.3");
    document.put(
        "info",
        Map.of("title", options.title(), "description", options.description(), "version", "1.0.0"));
    document.put("paths", paths);
    document.put("components", Map.of("schemas", schemas()));
    return document;
  }

  @SuppressWarnings("unchecked")
  private static void path(
      Map<String, Object> paths, String path, String method, Map<String, Object> operation) {
    ((Map<String, Object>) paths.computeIfAbsent(path, _ -> new TreeMap<String, Object>()))
        .put(method, operation);
  }

  private static Map<String, Object> read(String summary, String answer) {
    return Map.of(
        "summary", summary, "responses", Map.of("200", content(answer, Map.of("type", "object"))));
  }

  private static Map<String, Object> page(String summary) {
    return Map.of(
        "summary",
        summary,
        "responses",
        Map.of(
            "200",
            Map.of(
                "description",
                "a page in Prometheus' text format",
                "content",
                Map.of("text/plain", Map.of("schema", Map.of("type", "string"))))));
  }

  private static Map<String, Object> call(String summary, String name) {
    Map<String, Object> responses = new LinkedHashMap<>();
    responses.put(
        "200", content("the answer; header.status.code 1 if an executor failed", ref("Response")));
    responses.put("default", content("a refusal, with its error code's status", ref("Response")));
    return Map.of(
        "summary",
        summary,
        "operationId",
        name.replaceAll("[^A-Za-z0-9]", "_"),
        "requestBody",
        Map.of("content", Map.of("application/json", Map.of("schema", ref("Request")))),
        "responses",
        responses);
  }

  private static Map<String, Object> content(String description, Map<String, Object> schema) {
    return Map.of(
        "description",
        description,
        "content",
        Map.of("application/json", Map.of("schema", schema)));
  }

  private static Map<String, Object> ref(String schema) {
    return Map.of("$ref", "#/components/schemas/" + schema);
  }

  private static Map<String, Object> schemas() {
    Map<String, Object> text = Map.of("type", "string", "nullable", true);
    Map<String, Object> any = Map.of("type", "object", "nullable", true);
    Map<String, Object> documents =
        Map.of("type", "array", "items", Map.of("type", "object"), "nullable", true);
    Map<String, Object> request =
        Map.of("data", documents, "parameters", any, "targetExecutor", text, "execEndpoint", text);
    Map<String, Object> response =
        Map.of(
            "header",
            Map.of("type", "object"),
            "parameters",
            any,
            "routes",
            Map.of("type", "array", "items", Map.of("type", "object")),
            "data",
            documents);
    return Map.of(
        "Request", Map.of("type", "object", "properties", request),
        "Response", Map.of("type", "object", "properties", response));
  }
}
