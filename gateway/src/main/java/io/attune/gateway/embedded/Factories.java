package io.attune.gateway.embedded;

import io.attune.runtime.ErrorCode;
import io.attune.runtime.ExecutorFactory;
import io.attune.runtime.FlowException;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.TreeMap;

/// The kinds of executors that this process can make, by the name that `uses` gives.
///
/// @param byName the factories
public record Factories(Map<String, ExecutorFactory> byName) {
  public Factories {
    byName = Map.copyOf(byName);
  }

  /// Those that [ServiceLoader] finds on the class path.
  ///
  /// @throws FlowException where two have one name
  public static Factories found() {
    return of(ServiceLoader.load(ExecutorFactory.class));
  }

  /// The given ones.
  ///
  /// @throws FlowException where two have one name
  public static Factories of(Iterable<? extends ExecutorFactory> factories) {
    Map<String, ExecutorFactory> byName = new TreeMap<>();
    for (ExecutorFactory factory : factories) {
      ExecutorFactory other = byName.put(factory.name(), factory);
      if (other != null) {
        throw new FlowException(
            ErrorCode.FAILED_PRECONDITION,
            "executor %s: made by %s and %s (expected: one of them on the class path)"
                .formatted(
                    factory.name(), other.getClass().getName(), factory.getClass().getName()));
      }
    }
    return new Factories(byName);
  }

  /// The factory of a name.
  ///
  /// @throws FlowException where there is none
  public ExecutorFactory get(String executor, String uses) {
    ExecutorFactory factory = byName.get(uses);
    if (factory == null) {
      throw new FlowException(
          ErrorCode.NOT_FOUND,
          "uses of %s: %s (expected: one of %s, or the jar that has it on the class path)"
              .formatted(executor, uses, new TreeMap<>(byName).keySet()));
    }
    return factory;
  }
}
