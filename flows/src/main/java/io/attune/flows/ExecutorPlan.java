package io.attune.flows;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One executor of a Flow, with all defaults applied.
///
/// @param name its name in the Flow: an identifier, unique
/// @param uses the name of its factory; [#PASS_THROUGH] returns documents unchanged and need not be
///   called at all
/// @param usesWith its options: strings, longs, doubles, booleans, null, lists and maps of these
/// @param usesRequests endpoint → the executor's own endpoint that answers it; where it is given
///   for an endpoint, it replaces the binding of that endpoint
/// @param dynamicBatching endpoint → Jina's size-or-timeout batching; work-conserving without
/// @param external how to reach it where it runs elsewhere; null where this Flow starts it
/// @param host where it listens, for callers of other processes
/// @param port the port it listens on; 0 for any free one, -1 for none
/// @param workspace the folder it may keep state in
/// @param timeoutReady how long to wait until it is ready; null for ever
/// @param timeoutSend how long a call may take; null for as long as the caller waits
/// @param retries how many further tries a call has after the first
/// @param reduce whether a joiner's inputs are merged into one request
/// @param env the environment of its process; without effect yet
/// @param monitoring whether it serves its metrics on a page of its own
/// @param monitoringPort the port of that page; 0 for any free one
/// @param maxMessageBytes the largest message it accepts
public record ExecutorPlan(
    String name,
    String uses,
    Map<String, @Nullable Object> usesWith,
    Map<String, String> usesRequests,
    Map<String, DynamicBatching> dynamicBatching,
    @Nullable External external,
    String host,
    int port,
    Path workspace,
    @Nullable Duration timeoutReady,
    @Nullable Duration timeoutSend,
    int retries,
    boolean reduce,
    Map<String, String> env,
    boolean monitoring,
    int monitoringPort,
    int maxMessageBytes) {
  /// The executor that answers documents unchanged: what `uses` is where a file does not say.
  public static final String PASS_THROUGH = "BaseExecutor";

  public ExecutorPlan {
    usesWith = Collections.unmodifiableMap(new LinkedHashMap<>(usesWith));
    usesRequests = Collections.unmodifiableMap(new LinkedHashMap<>(usesRequests));
    dynamicBatching = Collections.unmodifiableMap(new LinkedHashMap<>(dynamicBatching));
    env = Collections.unmodifiableMap(new LinkedHashMap<>(env));
  }

  /// Whether it does nothing but join or pass on: nobody need be called.
  public boolean passThrough() {
    return external == null && uses.equals(PASS_THROUGH);
  }

  /// The same executor with other options, as a command line that overrides some makes it.
  public ExecutorPlan withOptions(Map<String, @Nullable Object> options) {
    return new ExecutorPlan(
        name,
        uses,
        options,
        usesRequests,
        dynamicBatching,
        external,
        host,
        port,
        workspace,
        timeoutReady,
        timeoutSend,
        retries,
        reduce,
        env,
        monitoring,
        monitoringPort,
        maxMessageBytes);
  }

  /// The same executor with another workspace.
  public ExecutorPlan withWorkspace(Path folder) {
    return new ExecutorPlan(
        name,
        uses,
        usesWith,
        usesRequests,
        dynamicBatching,
        external,
        host,
        port,
        folder,
        timeoutReady,
        timeoutSend,
        retries,
        reduce,
        env,
        monitoring,
        monitoringPort,
        maxMessageBytes);
  }

  /// The same executor, running elsewhere.
  public ExecutorPlan withExternal(External elsewhere) {
    return new ExecutorPlan(
        name,
        uses,
        usesWith,
        usesRequests,
        dynamicBatching,
        elsewhere,
        host,
        port,
        workspace,
        timeoutReady,
        timeoutSend,
        retries,
        reduce,
        env,
        monitoring,
        monitoringPort,
        maxMessageBytes);
  }

  /// How an executor that runs elsewhere is reached.
  ///
  /// @param addresses its replicas, at least one
  /// @param metadata what is sent with every call
  public record External(List<Address> addresses, Map<String, String> metadata) {
    public External {
      addresses = List.copyOf(addresses);
      metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
      if (addresses.isEmpty()) {
        throw new IllegalArgumentException("addresses: none (expected: at least one)");
      }
    }
  }
}
