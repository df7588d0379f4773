package io.attune.gateway.router;

import io.attune.gateway.message.Envelope;
import io.attune.runtime.FlowException;
import io.attune.runtime.channel.RawAnswer;
import io.grpc.Metadata;
import java.util.List;

/// One executor, as the router calls it.
public interface Backend {
  /// Calls the executor without blocking, in the current [io.grpc.Context], whose deadline and
  /// cancellation hold for the call.
  ///
  /// @param parts the request; several for a joiner that does not reduce
  /// @param headers the call's metadata
  /// @param reply told once, on any thread
  void call(List<Envelope> parts, Metadata headers, Reply reply);

  /// Where it is reached, for messages.
  String address();

  /// What becomes of a call.
  interface Reply {
    /// The executor answered, with success or with an error.
    void answered(RawAnswer answer);

    /// The call ended without an answer, after the tries it was allowed.
    void failed(FlowException failure);
  }
}
