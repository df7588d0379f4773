package io.attune.flows.config;

import io.attune.flows.Protocol;
import io.attune.flows.yaml.Keys;
import io.attune.flows.yaml.YamlNode.Mapping;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The keys under `gateway`.
///
/// @param name `name`, default gateway: its name in routes and metrics
/// @param host `host`, default 0.0.0.0: the address its ports listen on
/// @param protocols `protocol`, default GRPC: one or a list
/// @param ports `port`, default any free ones: one for each protocol, in the same order
/// @param prefetch `prefetch`, default 1000: requests of one stream in flight; 0 for any number
/// @param cors `cors`, default false: pages of other origins may call the web port
/// @param noDebugEndpoints `no_debug_endpoints`, default false: neither `/status` nor `/post`
/// @param noCrudEndpoints `no_crud_endpoints`, default false: none of `/index`, `/search`,
///   `/update`, `/delete`
/// @param title `title`, default `Attune`: the title of the OpenAPI document
/// @param description `description`, default empty: its description
/// @param env `env`, default none: its environment, where it is a process of its own
/// @param workspace `workspace`, default the Flow's: where it keeps what rollouts need, in a folder
///   of its name
/// @param maxMessageBytes `grpc_server_options`: the largest message, default 128 MiB
/// @param rollouts `attune`: how models are swapped
/// @param timing how long to wait, how often to try
/// @param telemetry what is measured
/// @param container how a container of it is run
public record GatewayConfig(
    String name,
    String host,
    List<Protocol> protocols,
    List<Integer> ports,
    int prefetch,
    boolean cors,
    boolean noDebugEndpoints,
    boolean noCrudEndpoints,
    String title,
    String description,
    Map<String, String> env,
    @Nullable String workspace,
    int maxMessageBytes,
    RolloutsConfig rollouts,
    TimingConfig timing,
    TelemetryConfig telemetry,
    ContainerConfig container) {
  private static final Set<String> BUILT_IN =
      Set.of("GRPCGateway", "HTTPGateway", "WebSocketGateway", "CompositeGateway", "BaseGateway");

  /// Reads the mapping; keys nobody knows are left to the caller's [Keys#finish].
  public static GatewayConfig read(Keys keys) {
    Ignored.read(keys);
    refused(keys);
    List<Protocol> protocols = keys.manyOf("protocol", Protocol.class);
    GatewayConfig config =
        new GatewayConfig(
            keys.string("name", "gateway"),
            keys.string("host", "0.0.0.0"),
            protocols.isEmpty() ? List.of(Protocol.GRPC) : protocols,
            keys.integers("port", 0, 65_535),
            keys.integer("prefetch", 1000, 0, Integer.MAX_VALUE),
            keys.bool("cors", false),
            keys.bool("no_debug_endpoints", false),
            keys.bool("no_crud_endpoints", false),
            keys.string("title", "Attune"),
            keys.string("description", ""),
            Ignored.environment(keys),
            keys.string("workspace"),
            MessageSize.read(keys),
            RolloutsConfig.read(keys.keys("attune")),
            TimingConfig.read(keys),
            TelemetryConfig.read(keys),
            ContainerConfig.read(keys));
    config.checkPorts(keys);
    return config;
  }

  private void checkPorts(Keys keys) {
    if (protocols.stream().distinct().count() < protocols.size()) {
      keys.error("protocol", protocols.toString(), "each protocol once");
    }
    if (protocols.contains(Protocol.WEBSOCKET)) {
      keys.notYet("protocol", "WEBSOCKET", "GRPC, HTTP");
    }
    if (!ports.isEmpty() && ports.size() != protocols.size()) {
      keys.error(
          "port",
          ports.size() + " of them",
          "%d, one for each protocol: %s".formatted(protocols.size(), protocols));
    }
    List<Integer> fixed = ports.stream().filter(port -> port > 0).toList();
    if (fixed.stream().distinct().count() < fixed.size()) {
      keys.error("port", ports.toString(), "each port once");
    }
  }

  private static void refused(Keys keys) {
    String uses = keys.string("uses");
    if (uses != null && !BUILT_IN.contains(uses)) {
      keys.notYet("uses", "a gateway of one's own", "none");
    }
    keys.ignore("the gateway has no options of its own", List.of("uses_with"));
    if (keys.integer("replicas", 1, 1, 1024) > 1) {
      keys.notYet("replicas", "more than one gateway", "1");
    }
    if (keys.bool("stateful", false)) {
      keys.notYet("stateful", "true", "false");
    }
    if (keys.bool("expose_graphql_endpoint", false)) {
      keys.notYet("expose_graphql_endpoint", "true", "false");
    }
    if (keys.bool("proxy", false)) {
      keys.notYet("proxy", "true", "false");
    }
    Mapping exposed = keys.mapping("expose_endpoints");
    if (exposed != null && !exposed.entries().isEmpty()) {
      keys.notYet("expose_endpoints", "a path of one's own", "none; /post reaches every endpoint");
    }
    if (keys.has("ssl_certfile") || keys.has("ssl_keyfile")) {
      keys.notYet("ssl_certfile", "TLS", "neither ssl_certfile nor ssl_keyfile");
    }
    CompressionConfig.read(keys);
    if (keys.has("floating")) {
      keys.warn("floating", "it is for executors");
    }
  }
}
