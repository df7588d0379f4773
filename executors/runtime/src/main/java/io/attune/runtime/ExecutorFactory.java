package io.attune.runtime;

/// Makes an executor; found through [java.util.ServiceLoader] by its name, which is what a Flow's
/// `uses` says.
public interface ExecutorFactory {
  /// The name that `uses` gives: by default the class's simple name without a trailing `Factory`.
  default String name() {
    String simple = getClass().getSimpleName();
    return simple.endsWith("Factory")
        ? simple.substring(0, simple.length() - "Factory".length())
        : simple;
  }

  /// Makes the executor, ready to serve when it returns.
  ///
  /// @throws FlowException where the configuration is wrong
  Executor create(ExecutorContext context);
}
