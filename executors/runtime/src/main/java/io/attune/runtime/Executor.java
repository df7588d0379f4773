package io.attune.runtime;

/// One stage of a Flow: binds endpoints to methods, and closes what it opened.
///
/// Made by an [ExecutorFactory], which is found by name. Handlers may be called by several threads
/// at once, on virtual threads; native inference belongs on a platform pool of the executor's own.
@FunctionalInterface
public interface Executor extends AutoCloseable {
  /// Declares the endpoints; called once, before any request.
  void bind(Endpoints endpoints);

  /// Releases what the executor holds; called once, after the last request has left.
  @Override
  default void close() {}
}
