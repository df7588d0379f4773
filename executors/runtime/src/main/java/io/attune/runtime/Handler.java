package io.attune.runtime;

/// A method behind an endpoint.
@FunctionalInterface
public interface Handler {
  /// Answers a call. May block; runs on a virtual thread.
  ///
  /// @throws FlowException to refuse or fail with a code; anything else is INTERNAL
  Answer handle(Call call) throws Exception;
}
