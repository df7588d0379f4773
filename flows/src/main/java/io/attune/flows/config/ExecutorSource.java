package io.attune.flows.config;

/// What `uses` says.
public sealed interface ExecutorSource {
  /// The name of a factory.
  record Named(String name) implements ExecutorSource {}

  /// A file of its own, or the same inline.
  record Described(ExecutorFile file) implements ExecutorSource {}
}
