package io.attune.gateway.router;

import io.attune.gateway.message.Envelope;
import io.attune.runtime.FlowException;

/// What becomes of a request.
public sealed interface Outcome {
  /// The answer as a message, which on a stream is all that the caller sees.
  Envelope message();

  /// Every executor did its part.
  record Answered(Envelope message) implements Outcome {}

  /// An executor failed while it worked; its status is in the message's header.
  record Failed(Envelope message) implements Outcome {}

  /// The request was refused, or an executor could not be asked.
  ///
  /// @param message an answer without documents whose header tells the cause
  record Refused(FlowException cause, Envelope message) implements Outcome {}
}
