package io.attune.runtime.channel;

import com.google.protobuf.Value;
import io.attune.proto.jina.EndpointsProto;
import io.attune.runtime.Access;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/// The endpoints of an executor, with who may call them.
///
/// @param endpoints each endpoint's access class. A Python executor tells only its write endpoints,
///   all others count as read
public record Discovery(Map<String, Access> endpoints) {
  private static final String DEFAULT = "/default";

  public Discovery {
    endpoints = Map.copyOf(endpoints);
  }

  /// Reads what `endpoint_discovery` answered.
  public static Discovery from(EndpointsProto message) {
    Map<String, Access> endpoints = new LinkedHashMap<>();
    for (String endpoint : message.getEndpointsList()) {
      endpoints.put(endpoint, access(message, endpoint));
    }
    return new Discovery(endpoints);
  }

  /// Whether the executor answers an endpoint, by its name or by `/default`.
  public boolean serves(String endpoint) {
    return endpoints.containsKey(endpoint) || endpoints.containsKey(DEFAULT);
  }

  /// Who may call an endpoint; READ where it is not served, since nothing happens then.
  public Access access(String endpoint) {
    Access exact = endpoints.get(endpoint);
    return exact != null ? exact : endpoints.getOrDefault(DEFAULT, Access.READ);
  }

  private static Access access(EndpointsProto message, String endpoint) {
    Value schema = message.getSchemas().getFieldsMap().get(endpoint);
    if (schema != null) {
      String name =
          schema
              .getStructValue()
              .getFieldsOrDefault("access", Value.getDefaultInstance())
              .getStringValue()
              .toUpperCase(Locale.ROOT);
      for (Access access : Access.values()) {
        if (access.name().equals(name)) {
          return access;
        }
      }
    }
    return message.getWriteEndpointsList().contains(endpoint) ? Access.WRITE : Access.READ;
  }
}
