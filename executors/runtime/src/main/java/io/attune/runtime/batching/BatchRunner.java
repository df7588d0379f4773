package io.attune.runtime.batching;

import java.util.List;

/// Runs batches, on the queue's worker threads; several at once where there are several workers.
///
/// @param <I> what goes in
/// @param <O> what comes out
@FunctionalInterface
public interface BatchRunner<I, O> {
  /// Runs one batch. A failure fails every item of it, and the worker goes on.
  ///
  /// @param key what the items share
  /// @param items the inputs, at least one
  /// @return one output per input, in the same order
  List<O> run(BatchKey key, List<I> items) throws Exception;
}
