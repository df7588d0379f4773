package io.attune.gateway.graph;

import io.attune.runtime.Access;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The endpoints an executor answers, as its discovery told.
///
/// @param endpoints the access class by endpoint
public record Bindings(Map<String, Access> endpoints) {
  /// The endpoint that answers every other one.
  public static final String DEFAULT = "/default";

  public Bindings {
    endpoints = Map.copyOf(endpoints);
  }

  /// The access class of what answers an endpoint; null where nothing does.
  @Nullable Access access(String endpoint) {
    Access exact = endpoints.get(endpoint);
    return exact == null ? endpoints.get(DEFAULT) : exact;
  }
}
