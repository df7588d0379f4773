package io.attune.flows.config;

import io.attune.flows.DynamicBatching;
import io.attune.flows.config.ExecutorFile.Metas;
import io.attune.flows.yaml.Keys;
import io.attune.flows.yaml.Place;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// One entry of `executors`.
///
/// @param at where the entry stands
/// @param needsAt where its `needs` stands
/// @param name `name`, default `executor0`, `executor1`, …: an identifier; one that is taken gets a
///   number
/// @param uses `uses`, default `BaseExecutor` (documents pass unchanged): an executor's name, the
///   path of its file, or that file inline
/// @param usesWith `uses_with`, default none: its options, over those of its file
/// @param usesMetas `uses_metas`: what it is called, over its file
/// @param usesRequests `uses_requests`, default none: endpoint → its own endpoint that answers,
///   over its file
/// @param usesDynamicBatching `uses_dynamic_batching`, default none: batching by endpoint, over its
///   file
/// @param method `method`, default add: how it joins the Flow
/// @param needs `needs`, default the last executor that is not floating: what it waits for
/// @param floating `floating`, default false: nobody waits for it, nothing is chained to it
/// @param external `external`, default false: it runs elsewhere
/// @param tls `tls`, default false: calls of an external executor are encrypted
/// @param hosts `host`, default 0.0.0.0 (external: 127.0.0.1): where it listens or is reached, one
///   or several, also as `grpc://host:port` or `grpcs://host:port`
/// @param hostAt where its own `host` stands; null where it has none
/// @param ports `port`, default none: where it listens or is reached
/// @param grpcMetadata `grpc_metadata`, default none: sent with every call of an external executor
/// @param reduce `no_reduce` or `disable_reduce`, default false (so true here): merge a joiner's
///   inputs into one request
/// @param workspace `workspace`, default the Flow's: the folder for its state
/// @param env `env`, default none: its environment, where it is a process of its own
/// @param maxMessageBytes `grpc_server_options`: the largest message, default 128 MiB
/// @param timing how long to wait, how often to try
/// @param scaling how it is multiplied
/// @param telemetry what is measured
/// @param container how a container of it is run
public record ExecutorConfig(
    Place at,
    Place needsAt,
    @Nullable String name,
    ExecutorSource uses,
    Map<String, @Nullable Object> usesWith,
    Metas usesMetas,
    Map<String, String> usesRequests,
    Map<String, DynamicBatching> usesDynamicBatching,
    Method method,
    List<String> needs,
    boolean floating,
    boolean external,
    boolean tls,
    List<String> hosts,
    @Nullable Place hostAt,
    List<Integer> ports,
    Map<String, String> grpcMetadata,
    boolean reduce,
    @Nullable String workspace,
    Map<String, String> env,
    int maxMessageBytes,
    TimingConfig timing,
    ScalingConfig scaling,
    TelemetryConfig telemetry,
    ContainerConfig container) {
  /// What is for those who start an executor. (`uses` and `uses_with` tell the gateway what it is.)
  private static final List<String> FOR_ITS_OWN_PROCESS =
      List.of(
          "uses_metas",
          "uses_requests",
          "uses_dynamic_batching",
          "workspace",
          "monitoring",
          "port_monitoring");

  private static final Pattern IDENTIFIER = Pattern.compile("[\\p{L}_][\\p{L}\\p{Nd}_]{0,99}");

  /// How an executor joins a Flow.
  public enum Method {
    /// After what it needs.
    ADD,
    /// Waits for several.
    NEEDS,
    /// Waits for all that nobody waits for yet.
    NEEDS_ALL,
    /// Sees what the last executor answers, and changes nothing.
    INSPECT,
    /// Waits for all that inspect, and the last executor.
    GATHER_INSPECT
  }

  /// Reads an entry; keys nobody knows are left to the caller's [Keys#finish].
  public static ExecutorConfig read(Keys keys, ExecutorSources sources) {
    Method method = keys.oneOf("method", Method.class);
    keys.has("jtype");
    refused(keys);
    Ignored.read(keys);
    warnIfExternal(keys);
    Place needsAt = keys.at("needs");
    return new ExecutorConfig(
        keys.at(),
        needsAt,
        name(keys),
        sources.read(keys),
        keys.values("uses_with"),
        Metas.read(keys.keys("uses_metas")),
        keys.texts("uses_requests"),
        BatchingConfig.read(keys, "uses_dynamic_batching"),
        method == null ? Method.ADD : method,
        keys.strings("needs").stream().distinct().toList(),
        keys.bool("floating", false),
        keys.bool("external", false),
        keys.bool("tls", false),
        keys.strings("host"),
        keys.hasOwn("host") ? keys.at("host") : null,
        keys.integers("port", 0, 65_535),
        keys.texts("grpc_metadata"),
        reduce(keys),
        keys.string("workspace"),
        Ignored.environment(keys),
        MessageSize.read(keys),
        TimingConfig.read(keys),
        ScalingConfig.read(keys),
        TelemetryConfig.read(keys),
        ContainerConfig.read(keys));
  }

  /// Of what it says itself: what it inherits is for the others.
  private static void warnIfExternal(Keys keys) {
    if (keys.bool("external", false)) {
      for (String key : FOR_ITS_OWN_PROCESS) {
        if (keys.hasOwn(key)) {
          keys.warn(key, "it is external: set it where it is started");
        }
      }
    }
  }

  private static boolean reduce(Keys keys) {
    boolean noReduce = keys.bool("no_reduce", false);
    boolean disabled = keys.bool("disable_reduce", false);
    return !noReduce && !disabled;
  }

  private static @Nullable String name(Keys keys) {
    String name = keys.string("name");
    if (name == null || (IDENTIFIER.matcher(name).matches() && !name.equals("gateway"))) {
      return name;
    }
    keys.error(
        "name",
        '"' + name + '"',
        name.equals("gateway")
            ? "another name; the gateway's keys stand under gateway"
            : "an identifier: letters, digits and _, not starting with a digit, at most 100");
    return null;
  }

  private static void refused(Keys keys) {
    if (!keys.strings("exit_on_exceptions").isEmpty()) {
      keys.notYet("exit_on_exceptions", "a list", "none");
    }
    for (io.attune.flows.Protocol protocol :
        keys.manyOf("protocol", io.attune.flows.Protocol.class)) {
      if (protocol != io.attune.flows.Protocol.GRPC) {
        keys.notYet("protocol", protocol.name(), "GRPC");
      }
    }
    CompressionConfig.read(keys);
    if (keys.has("ssl_certfile") || keys.has("ssl_keyfile")) {
      keys.notYet("ssl_certfile", "TLS", "neither ssl_certfile nor ssl_keyfile");
    }
    keys.ignore("executors always serve calls concurrently", List.of("allow_concurrent"));
    keys.ignore("an executor has no web page", List.of("title", "description", "cors"));
  }
}
