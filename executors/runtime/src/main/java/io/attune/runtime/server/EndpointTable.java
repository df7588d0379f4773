package io.attune.runtime.server;

import io.attune.runtime.Access;
import io.attune.runtime.Answer;
import io.attune.runtime.Endpoints;
import io.attune.runtime.Executor;
import io.attune.runtime.FlowException;
import io.attune.runtime.Handler;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/// The endpoints of one executor: by exact name, else `/default`, else none.
final class EndpointTable implements Endpoints {
  static final String DEFAULT = "/default";
  static final String DRY_RUN = "_jina_dry_run_";

  private final Map<String, Endpoint> endpoints = new LinkedHashMap<>();

  private EndpointTable() {}

  /// Binds an executor's endpoints.
  ///
  /// @param usesRequests endpoint → the bound endpoint whose method answers it (`/index`, or
  ///   `index` as a Flow written for Python names the method); replaces the binding of that name
  static EndpointTable of(Executor executor, Map<String, String> usesRequests) {
    EndpointTable table = new EndpointTable();
    table.bind(DRY_RUN, Access.READ, call -> Answer.unchanged());
    executor.bind(table);
    Map<String, Endpoint> methods = Map.copyOf(table.endpoints);
    usesRequests.forEach((endpoint, method) ->
        table.endpoints.put(endpoint, table.method(methods, endpoint, method)));
    return table;
  }

  @Override
  public Endpoints bind(String endpoint, Access access, Handler handler) {
    if (endpoint.isEmpty()) {
      throw new IllegalArgumentException("endpoint: empty (expected: a name such as /index)");
    }
    if (endpoints.putIfAbsent(endpoint, new Endpoint(endpoint, access, handler)) != null) {
      throw new IllegalArgumentException(
          "endpoint: %s is bound twice (expected: once)".formatted(endpoint));
    }
    return this;
  }

  /// What answers an endpoint; empty where documents pass unchanged.
  Optional<Endpoint> find(String endpoint) {
    Endpoint exact = endpoints.get(endpoint);
    return Optional.ofNullable(exact != null ? exact : endpoints.get(DEFAULT));
  }

  /// Every endpoint, `_jina_dry_run_` first.
  Map<String, Endpoint> all() {
    return endpoints;
  }

  /// The bound endpoint that `dynamic_batching` means: by its name, or by its name without the
  /// slash as a Flow written for Python names methods.
  String named(String name) {
    for (String candidate : List.of(name, "/" + name)) {
      if (endpoints.containsKey(candidate) && !candidate.equals(DRY_RUN)) {
        return candidate;
      }
    }
    List<String> bound = endpoints.keySet().stream().filter(each -> !each.equals(DRY_RUN)).toList();
    throw FlowException.invalid(
        "dynamic_batching: %s (expected: one of %s)".formatted(name, String.join(", ", bound)));
  }

  /// Replaces the methods of some endpoints.
  void replace(Set<String> names, UnaryOperator<Handler> replacement) {
    for (String name : names) {
      endpoints.computeIfPresent(
          name,
          (_, endpoint) ->
              new Endpoint(name, endpoint.access(), replacement.apply(endpoint.handler())));
    }
  }

  private Endpoint method(Map<String, Endpoint> methods, String endpoint, String method) {
    Endpoint found = methods.get(method);
    if (found == null) {
      found = methods.get("/" + method);
    }
    if (found == null) {
      throw FlowException.invalid(
          "uses_requests: %s: %s (expected: one of %s)"
              .formatted(endpoint, method, endpoints.keySet()));
    }
    return new Endpoint(endpoint, found.access(), found.handler());
  }

  /// A bound endpoint.
  record Endpoint(String name, Access access, Handler handler) {}
}
