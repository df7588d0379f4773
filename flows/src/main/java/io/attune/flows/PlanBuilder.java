package io.attune.flows;

import io.attune.flows.ExecutorPlan.External;
import io.attune.flows.config.ExecutorConfig;
import io.attune.flows.config.ExecutorFile;
import io.attune.flows.config.ExecutorSource;
import io.attune.flows.config.FlowConfig;
import io.attune.flows.config.GatewayConfig;
import io.attune.flows.config.RolloutsConfig.AdminConfig;
import io.attune.flows.config.RolloutsConfig.PromotionConfig;
import io.attune.flows.config.TimingConfig;
import io.attune.flows.yaml.Place;
import io.attune.flows.yaml.Problems;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Makes the checked plan of what a Flow's file says.
final class PlanBuilder {
  private static final String DEFAULT_WORKSPACE = "workspace";
  private static final int LEAST_RETRIES = 3;
  private static final Duration TIMEOUT_READY = Duration.ofMinutes(10);

  private final Problems problems;

  PlanBuilder(Problems problems) {
    this.problems = problems;
  }

  /// The plan.
  ///
  /// @throws FlowProblemsException where something is wrong, with everything that is
  FlowPlan build(FlowConfig flow, Place at) {
    GraphBuilder graph = new GraphBuilder(flow.inspect(), problems);
    Map<String, ExecutorPlan> executors = new LinkedHashMap<>();
    for (ExecutorConfig entry : flow.executors()) {
      String name = graph.add(entry);
      if (name != null) {
        ExecutorPlan executor = executor(name, entry, flow);
        warnOfWhere(entry, executor);
        executors.put(name, executor);
      }
    }
    String gather = graph.collect(at);
    if (gather != null) {
      executors.put(gather, passThrough(gather, flow));
    }
    FlowGraph built = graph.build();
    if (built != null) {
      checkReduce(flow, built, executors);
    }
    problems.throwIfFailed();
    GatewayPlan gateway = gateway(flow, at);
    problems.throwIfFailed();
    Objects.requireNonNull(built, "a graph without problems");
    List<ExecutorPlan> ordered =
        built.names().stream()
            .map(name -> Objects.requireNonNull(executors.get(name), name))
            .toList();
    return new FlowPlan(flow.name(), gateway, ordered, built, flow.live(), problems.warnings());
  }

  private void warnOfWhere(ExecutorConfig entry, ExecutorPlan executor) {
    if (executor.passThrough() && !entry.ports().isEmpty()) {
      problems.warn(entry.at(), "port: no effect, nothing is started where uses is not given");
    } else if (entry.hostAt() != null && executor.external() == null && entry.ports().isEmpty()) {
      problems.warn(entry.hostAt(), "host: no effect, it listens on none without a port");
    }
  }

  private void checkReduce(FlowConfig flow, FlowGraph graph, Map<String, ExecutorPlan> executors) {
    for (ExecutorPlan executor : executors.values()) {
      if (!executor.reduce() && graph.joins(executor.name())) {
        Place at =
            flow.executors().stream()
                .filter(entry -> executor.name().equals(entry.name()))
                .map(ExecutorConfig::at)
                .findFirst()
                .orElse(flow.executors().getFirst().at());
        problems.error(
            at,
            "no_reduce: true on %s, which joins %s, is not available yet (expected: false)"
                .formatted(executor.name(), graph.needs().get(executor.name())));
      }
    }
  }

  /// One executor without a Flow.
  ///
  /// @param name null for its own, or else its `uses` in lower case
  ExecutorPlan alone(@Nullable String name, ExecutorConfig entry, GatewayConfig gateway) {
    String own = name != null ? name : entry.name();
    FlowConfig flow =
        new FlowConfig(
            "flow", null, FlowConfig.Inspect.HANG, Map.of(), List.of(), gateway, List.of(entry));
    ExecutorPlan plan =
        executor(own != null ? own : uses(entry).toLowerCase(Locale.ROOT), entry, flow);
    problems.throwIfFailed();
    return plan;
  }

  private GatewayPlan gateway(FlowConfig flow, Place at) {
    GatewayConfig config = flow.gateway();
    Map<Protocol, Integer> ports = new EnumMap<>(Protocol.class);
    for (int i = 0; i < config.protocols().size(); i++) {
      ports.put(config.protocols().get(i), i < config.ports().size() ? config.ports().get(i) : 0);
    }
    AdminConfig admin = config.rollouts().admin();
    PromotionConfig promotion = config.rollouts().promotion();
    return new GatewayPlan(
        config.name(),
        config.host(),
        ports,
        config.prefetch(),
        limit(config.timing().timeoutSend()),
        ready(config.timing().timeoutReady(), null),
        config.timing().retries(),
        config.maxMessageBytes(),
        new GatewayPlan.Web(
            config.cors(),
            !config.noDebugEndpoints(),
            !config.noCrudEndpoints(),
            config.title(),
            config.description()),
        config.telemetry().monitoring(),
        config.telemetry().portMonitoring(),
        admin == null
            ? null
            : new GatewayPlan.Admin(
                admin.host(),
                admin.port(),
                admin.httpPort(),
                admin.token(),
                admin.coordinator(),
                admin.advertise(),
                Duration.ofSeconds(admin.leaseSeconds())),
        promotion == null
            ? null
            : new GatewayPlan.Promotion(
                promotion.experiment(), promotion.minGain(), promotion.drainSeconds()),
        gatewayWorkspace(config, flow, at));
  }

  private Path gatewayWorkspace(GatewayConfig config, FlowConfig flow, Place at) {
    @Nullable String own = config.workspace() != null ? config.workspace() : flow.workspace();
    String folder = own != null ? own : DEFAULT_WORKSPACE;
    try {
      return Path.of(folder).resolve(config.name());
    } catch (InvalidPathException invalid) {
      problems.error(at, "workspace: \"%s\" (expected: a folder's path)".formatted(folder));
      return Path.of(DEFAULT_WORKSPACE, config.name());
    }
  }

  private ExecutorPlan executor(String name, ExecutorConfig entry, FlowConfig flow) {
    ExecutorFile file = entry.uses() instanceof ExecutorSource.Described(ExecutorFile f) ? f : null;
    External external = new Addresses(entry, problems).external();
    TimingConfig timing = entry.timing();
    TimingConfig fallback = flow.gateway().timing();
    int retries = timing.retries() >= 0 ? timing.retries() : fallback.retries();
    int replicas = external == null ? 1 : external.addresses().size();
    return new ExecutorPlan(
        name,
        uses(entry),
        over(file == null ? Map.of() : file.with(), entry.usesWith()),
        over(file == null ? Map.of() : file.requests(), entry.usesRequests()),
        over(file == null ? Map.of() : file.dynamicBatching(), entry.usesDynamicBatching()),
        external,
        entry.hosts().isEmpty() ? "0.0.0.0" : entry.hosts().getFirst(),
        external == null && !entry.ports().isEmpty() ? entry.ports().getFirst() : -1,
        workspace(name, entry, file, flow),
        ready(timing.timeoutReady(), fallback.timeoutReady()),
        limit(timing.timeoutSend() != null ? timing.timeoutSend() : fallback.timeoutSend()),
        retries >= 0 ? retries : Math.max(LEAST_RETRIES, replicas),
        entry.reduce(),
        over(flow.env(), entry.env()),
        entry.telemetry().monitoring(),
        entry.telemetry().portMonitoring(),
        entry.maxMessageBytes());
  }

  private ExecutorPlan passThrough(String name, FlowConfig flow) {
    return new ExecutorPlan(
        name,
        ExecutorPlan.PASS_THROUGH,
        Map.of(),
        Map.of(),
        Map.of(),
        null,
        "0.0.0.0",
        -1,
        Path.of(DEFAULT_WORKSPACE, name, "0"),
        null,
        null,
        LEAST_RETRIES,
        true,
        flow.env(),
        false,
        0,
        flow.gateway().maxMessageBytes());
  }

  private static String uses(ExecutorConfig entry) {
    return switch (entry.uses()) {
      case ExecutorSource.Named(String uses) -> uses;
      case ExecutorSource.Described(ExecutorFile file) -> file.type();
    };
  }

  private Path workspace(
      String name, ExecutorConfig entry, @Nullable ExecutorFile file, FlowConfig flow) {
    @Nullable String own = entry.workspace();
    own = own != null ? own : entry.usesMetas().workspace();
    own = own != null || file == null ? own : file.metas().workspace();
    own = own != null ? own : flow.workspace();
    String folder = own != null ? own : DEFAULT_WORKSPACE;
    try {
      return Path.of(folder).resolve(name).resolve("0");
    } catch (InvalidPathException invalid) {
      problems.error(entry.at(), "workspace: \"%s\" (expected: a folder's path)".formatted(folder));
      return Path.of(DEFAULT_WORKSPACE, name, "0");
    }
  }

  private static @Nullable Duration ready(@Nullable Duration own, @Nullable Duration fallback) {
    Duration asked = own != null ? own : fallback != null ? fallback : TIMEOUT_READY;
    return asked.isNegative() ? null : asked;
  }

  private static @Nullable Duration limit(@Nullable Duration timeout) {
    return timeout == null || timeout.isZero() ? null : timeout;
  }

  private static <V extends @Nullable Object> Map<String, V> over(
      Map<String, V> below, Map<String, V> above) {
    Map<String, V> all = new LinkedHashMap<>(below);
    all.putAll(above);
    return all;
  }
}
