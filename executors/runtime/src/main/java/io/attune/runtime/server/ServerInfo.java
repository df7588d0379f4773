package io.attune.runtime.server;

import io.attune.proto.jina.JinaInfoProto;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

/// What a process says about itself over `_status`, which anybody who reaches the port may ask:
/// versions and platform, and of the JINA_ environment only what is harmless.
public final class ServerInfo {
  private static final String UNSET = "(unset)";

  /// Names whose values tell nothing that must be kept.
  private static final Set<String> SHOWN =
      Set.of(
          "JINA_DEFAULT_HOST",
          "JINA_DEFAULT_TIMEOUT_CTRL",
          "JINA_DEPLOYMENT_NAME",
          "JINA_EARLY_STOP",
          "JINA_LOG_LEVEL",
          "JINA_LOG_NO_COLOR");

  /// Names of which only is told whether they are set.
  private static final List<String> MASKED =
      List.of(
          "JINA_AUTH_TOKEN",
          "JINA_GATEWAY_IMAGE",
          "JINA_GRPC_RECV_BYTES",
          "JINA_GRPC_SEND_BYTES",
          "JINA_LOCKS_ROOT",
          "JINA_LOG_CONFIG",
          "JINA_OPTOUT_TELEMETRY",
          "JINA_STREAMER_ARGS");

  private ServerInfo() {}

  /// The message of this process.
  public static JinaInfoProto message() {
    return message(System.getenv());
  }

  static JinaInfoProto message(Map<String, String> environment) {
    Map<String, String> envs = new TreeMap<>();
    SHOWN.forEach(name -> envs.put(name, environment.getOrDefault(name, UNSET)));
    MASKED.forEach(name -> envs.put(name, environment.containsKey(name) ? "(set)" : UNSET));
    return JinaInfoProto.newBuilder().putAllJina(versions()).putAllEnvs(envs).build();
  }

  private static Map<String, String> versions() {
    Map<String, String> versions = new TreeMap<>();
    versions.put("attune", version(ServerInfo.class));
    versions.put("jina", "3.23.1 (wire)");
    versions.put("docarray", "0.21 (wire)");
    versions.put("protobuf", version(com.google.protobuf.Message.class));
    versions.put("proto-backend", "java");
    versions.put("grpc", version(io.grpc.Server.class));
    versions.put("java", System.getProperty("java.version", ""));
    versions.put("platform", System.getProperty("os.name", ""));
    versions.put("platform-release", System.getProperty("os.version", ""));
    versions.put("architecture", System.getProperty("os.arch", ""));
    versions.put("uptime", String.valueOf(ManagementFactory.getRuntimeMXBean().getUptime()));
    return versions;
  }

  private static String version(Class<?> type) {
    Package home = type.getPackage();
    return Objects.requireNonNullElse(home.getImplementationVersion(), "unknown");
  }
}
