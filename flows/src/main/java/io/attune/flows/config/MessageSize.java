package io.attune.flows.config;

import io.attune.flows.yaml.Keys;
import io.attune.flows.yaml.YamlNode.Mapping;

/// The largest message, from `grpc_server_options`: `grpc.max_receive_message_length`.
final class MessageSize {
  static final int DEFAULT = 128 << 20;

  private static final String KEY = "grpc.max_receive_message_length";

  private MessageSize() {}

  static int read(Keys keys) {
    Mapping options = keys.mapping("grpc_server_options");
    if (options == null) {
      return DEFAULT;
    }
    Keys known = keys.keys("grpc_server_options");
    Integer length = known.integer(KEY, -1, Integer.MAX_VALUE);
    for (String name : options.entries().keySet()) {
      if (!name.equals(KEY)) {
        known.warn(name, "only " + KEY + " is followed");
      }
    }
    if (length != null && length == 0) {
      known.error(KEY, "0", "-1 for no limit, or 1 or more");
    }
    return length == null ? DEFAULT : length < 1 ? Integer.MAX_VALUE : length;
  }
}
