package io.attune.flows.config;

import io.attune.flows.yaml.Keys;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// How a container of it is run; read, and without effect until containers are available.
///
/// @param entrypoint `entrypoint`: the command in the container
/// @param dockerKwargs `docker_kwargs`: options of the container engine
/// @param volumes `volumes`: folders to mount
/// @param gpus `gpus`: the GPUs the container sees
/// @param disableAutoVolume `disable_auto_volume`, default false: mount no workspace
/// @param forceNetworkMode `force_network_mode`, default AUTO: the container's network
/// @param k8sNamespace `k8s_namespace`: the Kubernetes namespace
/// @param envFromSecret `env_from_secret`: variables taken from Kubernetes secrets
/// @param imagePullSecrets `image_pull_secrets`: secrets to pull images with
public record ContainerConfig(
    @Nullable String entrypoint,
    Map<String, @Nullable Object> dockerKwargs,
    List<String> volumes,
    @Nullable String gpus,
    boolean disableAutoVolume,
    NetworkMode forceNetworkMode,
    @Nullable String k8sNamespace,
    Map<String, @Nullable Object> envFromSecret,
    List<String> imagePullSecrets) {
  private static final List<String> KEYS =
      List.of(
          "entrypoint",
          "docker_kwargs",
          "volumes",
          "gpus",
          "disable_auto_volume",
          "force_network_mode",
          "k8s_namespace",
          "env_from_secret",
          "image_pull_secrets");

  /// The network of a container.
  public enum NetworkMode {
    AUTO,
    HOST,
    BRIDGE,
    NONE
  }

  static ContainerConfig read(Keys keys) {
    keys.ignore("it applies to containers", KEYS);
    NetworkMode mode = keys.oneOf("force_network_mode", NetworkMode.class);
    return new ContainerConfig(
        keys.string("entrypoint"),
        keys.values("docker_kwargs"),
        keys.strings("volumes"),
        keys.string("gpus"),
        keys.bool("disable_auto_volume", false),
        mode == null ? NetworkMode.AUTO : mode,
        keys.string("k8s_namespace"),
        keys.values("env_from_secret"),
        keys.strings("image_pull_secrets"));
  }
}
