package io.attune.gateway.embedded;

import io.attune.flows.ExecutorPlan;
import io.attune.runtime.ExecutorContext;
import io.attune.runtime.batching.SizeOrTimeout;
import io.attune.runtime.server.ServerOptions;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.LinkedHashMap;
import java.util.Map;

/// Executors of checked Flows, to be made and served.
public final class PlannedExecutor {
  private PlannedExecutor() {}

  /// What it is made with.
  public static ExecutorContext context(ExecutorPlan executor, MeterRegistry meters) {
    return new ExecutorContext(
        executor.name(), UsesWith.parameters(executor.usesWith()), executor.workspace(), meters);
  }

  /// How it is served.
  ///
  /// @param where it is reached
  public static ServerOptions options(ExecutorPlan executor, ServerOptions where) {
    Map<String, SizeOrTimeout> batching = new LinkedHashMap<>();
    executor
        .dynamicBatching()
        .forEach((endpoint, asked) ->
            batching.put(
                endpoint,
                new SizeOrTimeout(asked.preferredBatchSize(), asked.timeout(), asked.flushAll())));
    return where
        .usesRequests(executor.usesRequests())
        .batching(batching)
        .mostMessageBytes(executor.maxMessageBytes());
  }
}
