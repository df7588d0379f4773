package io.attune.models;

import io.attune.runtime.FlowException;

/// How ONNX Runtime runs a graph.
///
/// @param threads threads that share one run, 1 to 1,024. With 1, a run stays on the thread that
///   calls it, and many threads may run one session at once
/// @param spinning whether idle threads burn a core to start sooner
/// @param optimization how far the graph is rewritten at load
public record SessionOptions(int threads, boolean spinning, Optimization optimization) {
  /// One thread to a run, no spinning, all optimisations.
  public static final SessionOptions DEFAULT = new SessionOptions(1, false, Optimization.ALL);

  /// How far the graph is rewritten at load.
  public enum Optimization {
    NONE,
    BASIC,
    EXTENDED,
    ALL
  }

  public SessionOptions {
    if (threads < 1 || threads > 1024) {
      throw FlowException.invalid("threads: " + threads + " (expected: 1..1024)");
    }
  }

  /// The same options with other threads.
  public SessionOptions withThreads(int newThreads) {
    return new SessionOptions(newThreads, spinning, optimization);
  }
}
