package io.attune.flows;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// A Flow that was read and checked, and may be started: immutable, free of YAML.
///
/// @param name the Flow's name
/// @param gateway the gateway, with all defaults applied
/// @param executors the executors; each needs only earlier ones, else in the order of the file
/// @param graph how requests move through them
/// @param live the model versions live at the start, as `name@version`; what the gateway stamps
/// @param warnings what was read and has no effect, as `file:line: …`
public record FlowPlan(
    String name,
    GatewayPlan gateway,
    List<ExecutorPlan> executors,
    FlowGraph graph,
    List<String> live,
    List<Problem> warnings) {
  public FlowPlan {
    executors = List.copyOf(executors);
    live = List.copyOf(live);
    warnings = List.copyOf(warnings);
  }

  /// The executor of a name.
  public Optional<ExecutorPlan> executor(String executor) {
    return executors.stream().filter(candidate -> candidate.name().equals(executor)).findFirst();
  }

  /// The same Flow behind another gateway, as a command line that overrides ports makes it.
  public FlowPlan withGateway(GatewayPlan replacement) {
    return new FlowPlan(name, replacement, executors, graph, live, warnings);
  }

  /// The same Flow with one executor replaced, found by its name.
  ///
  /// @throws IllegalArgumentException where the Flow has no executor of that name
  public FlowPlan withExecutor(ExecutorPlan replacement) {
    if (executor(replacement.name()).isEmpty()) {
      throw new IllegalArgumentException(
          "executor: %s (expected: one of %s)"
              .formatted(replacement.name(), executors.stream().map(ExecutorPlan::name).toList()));
    }
    List<ExecutorPlan> replaced =
        executors.stream()
            .map(each -> each.name().equals(replacement.name()) ? replacement : each)
            .toList();
    return new FlowPlan(name, gateway, replaced, graph, live, warnings);
  }

  /// The same Flow whose executors and gateway keep their state in one folder, each in a folder of
  /// its name.
  public FlowPlan withWorkspace(Path folder) {
    List<ExecutorPlan> replaced =
        executors.stream()
            .map(each -> each.withWorkspace(folder.toAbsolutePath().resolve(each.name())))
            .toList();
    GatewayPlan entrance = gateway.withWorkspace(folder.toAbsolutePath().resolve(gateway.name()));
    return new FlowPlan(name, entrance, replaced, graph, live, warnings);
  }
}
