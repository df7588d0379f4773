package io.attune.indexer.generation;

import io.attune.runtime.FlowException;

/// Counts what an answer holds while it grows, and refuses to let it grow past what can be sent:
/// many queries with a high limit would otherwise fill the memory first. Not for several threads.
public final class AnswerSize {
  /// The greatest size, which is also that of a message where nothing else is configured.
  public static final long MAX_BYTES = 128L << 20;

  private final long most;
  private long bytes;

  /// An empty answer of at most [#MAX_BYTES].
  public AnswerSize() {
    this(MAX_BYTES);
  }

  AnswerSize(long most) {
    this.most = most;
  }

  /// Adds a document.
  ///
  /// @throws FlowException INVALID_ARGUMENT where that is too much
  public Content add(Content content) {
    bytes += content.source().getSerializedSize();
    for (Unit unit : content.units()) {
      bytes += (long) unit.vector().length * Float.BYTES;
    }
    if (bytes > most) {
      throw FlowException.invalid(
          "limit: an answer of more than %d bytes (expected: less; lower limit, or send fewer queries at once)"
              .formatted(most));
    }
    return content;
  }
}
