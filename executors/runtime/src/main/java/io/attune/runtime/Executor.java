package io.attune.runtime;

import io.grpc.BindableService;
import java.util.List;

/// One stage of a Flow: binds endpoints to methods, and closes what it opened.
///
/// Made by an [ExecutorFactory], which is found by name. Handlers may be called by several threads
/// at once, on virtual threads; native inference belongs on a platform pool of the executor's own.
@FunctionalInterface
public interface Executor extends AutoCloseable {
  /// Declares the endpoints; called once, before any request.
  void bind(Endpoints endpoints);

  /// Services of `attune.proto` for those who run the Flow, the same ones at every call. Who serves
  /// the executor serves them too: to callers of its own JVM, on the executor's in-process name; to
  /// others, on the admin port where `uses_with` names one
  /// ([AdminOptions][io.attune.runtime.admin.AdminOptions]). One that is [AutoCloseable] is closed
  /// when stopping begins, to end its calls without an end.
  default List<BindableService> adminServices() {
    return List.of();
  }

  /// Catches up with the Flow: called once, when the admin services can be called and no request
  /// can yet. The executor serves when this returns.
  ///
  /// @throws FlowException where it cannot serve
  default void join() throws InterruptedException {}

  /// Hears that the coordinator of rollouts, where `uses_with` names one, counts it where the Flow
  /// is; with every lease, also while [#join] waits.
  default void confirmed() {}

  /// Releases what the executor holds; called once, after the last request has left.
  @Override
  default void close() {}
}
