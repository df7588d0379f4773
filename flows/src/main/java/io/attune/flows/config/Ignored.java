package io.attune.flows.config;

import io.attune.flows.yaml.Keys;
import java.util.List;
import java.util.Map;

/// Keys of Jina that say nothing to a Flow on the JVM: read, and answered with a warning.
final class Ignored {
  private static final List<String> PYTHON =
      List.of(
          "py_modules",
          "extra_search_paths",
          "install_requirements",
          "output_array_type",
          "uvicorn_kwargs",
          "runtime_cls",
          "reload");

  private static final List<String> LOGGING =
      List.of("log_config", "quiet", "quiet_error", "suppress_root_logging");

  private static final List<String> INTERNAL =
      List.of(
          "graph_description",
          "graph_conditions",
          "deployments_addresses",
          "deployments_metadata",
          "deployments_no_reduce",
          "deployments_disable_reduce",
          "deployment_role",
          "pod_role",
          "shard_id",
          "replica_id",
          "workspace_id",
          "connection_list",
          "native",
          "noblock_on_start",
          "uses_before_address",
          "uses_after_address",
          "provider",
          "provider_endpoint",
          "grpc_channel_options",
          "peer_ports",
          "raft_configuration");

  private Ignored() {}

  /// The environment of a part of the Flow, which cannot have one.
  static Map<String, String> environment(Keys keys) {
    keys.ignore("the environment is that of the process, set it where that starts", List.of("env"));
    return keys.texts("env");
  }

  static void read(Keys keys) {
    keys.ignore("it is for Python", PYTHON);
    keys.ignore("there are no control calls", List.of("timeout_ctrl"));
    keys.ignore("logging is set where the Flow is started", LOGGING);
    keys.ignore("the Flow sets it by itself", INTERNAL);
  }
}
