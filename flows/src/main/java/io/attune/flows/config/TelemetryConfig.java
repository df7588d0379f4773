package io.attune.flows.config;

import io.attune.flows.yaml.Keys;
import org.jspecify.annotations.Nullable;

/// What is measured and where it goes.
///
/// @param monitoring `monitoring`, default false: serve metrics on a page of its own
/// @param portMonitoring `port_monitoring`, default any free port: the port of that page
/// @param tracing `tracing`, default false: send spans (not available yet)
/// @param tracesExporterHost `traces_exporter_host`: where spans go
/// @param tracesExporterPort `traces_exporter_port`: where spans go
/// @param metrics `metrics`, default false: send metrics by OpenTelemetry (not available yet)
/// @param metricsExporterHost `metrics_exporter_host`: where metrics go
/// @param metricsExporterPort `metrics_exporter_port`: where metrics go
public record TelemetryConfig(
    boolean monitoring,
    int portMonitoring,
    boolean tracing,
    @Nullable String tracesExporterHost,
    @Nullable Integer tracesExporterPort,
    boolean metrics,
    @Nullable String metricsExporterHost,
    @Nullable Integer metricsExporterPort) {
  static TelemetryConfig read(Keys keys) {
    TelemetryConfig config =
        new TelemetryConfig(
            keys.bool("monitoring", false),
            keys.integer("port_monitoring", 0, 0, 65_535),
            keys.bool("tracing", false),
            keys.string("traces_exporter_host"),
            keys.integer("traces_exporter_port", 1, 65_535),
            keys.bool("metrics", false),
            keys.string("metrics_exporter_host"),
            keys.integer("metrics_exporter_port", 1, 65_535));
    if (keys.has("port_monitoring") && !config.monitoring) {
      keys.warn("port_monitoring", "there is a page only with monitoring: true");
    }
    if (config.tracing) {
      keys.notYet("tracing", "true", "false");
    }
    if (config.metrics) {
      keys.notYet("metrics", "true", "false; monitoring: true serves a Prometheus page");
    }
    return config;
  }
}
