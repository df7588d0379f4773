package io.attune.flows.config;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a Flow's file says, bound once, with defaults.
///
/// @param name `with.name`, default `flow`: the Flow's name
/// @param workspace `with.workspace`, default `workspace`: the folder under which executors keep
///   their state, each in `<workspace>/<its name>/0`
/// @param inspect `with.inspect`, default HANG: what becomes of executors that inspect
/// @param env `with.env`, default none: environment of every executor, theirs goes over it
/// @param live `with.attune.live`, default none: the model versions live at the start, as
///   `name@version`
/// @param gateway `gateway`
/// @param executors `executors` or `deployments`
public record FlowConfig(
    String name,
    @Nullable String workspace,
    Inspect inspect,
    Map<String, String> env,
    List<String> live,
    GatewayConfig gateway,
    List<ExecutorConfig> executors) {
  /// What becomes of executors that inspect.
  public enum Inspect {
    /// They are called, nobody waits for them.
    HANG,
    /// They are left out.
    REMOVE,
    /// The answer waits for them.
    COLLECT
  }

  public FlowConfig {
    executors = List.copyOf(executors);
    live = List.copyOf(live);
  }
}
