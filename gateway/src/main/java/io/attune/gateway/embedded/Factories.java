package io.attune.gateway.embedded;

import io.attune.runtime.ExecutorFactory;
import io.attune.runtime.registry.ExecutorRegistry;

/// The kinds of executors that this process can make; [ExecutorRegistry] under its former name.
///
/// @param registry the executors
public record Factories(ExecutorRegistry registry) {
  /// Those on the class path.
  public static Factories found() {
    return new Factories(ExecutorRegistry.load());
  }

  /// The factory of a name.
  public ExecutorFactory get(String executor, String uses) {
    return registry.find(uses);
  }
}
