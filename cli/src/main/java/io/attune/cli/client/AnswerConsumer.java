package io.attune.cli.client;

/// Takes the answers of a `post`.
@FunctionalInterface
public interface AnswerConsumer {
  /// Takes one answer.
  void accept(FlowAnswer answer);
}
