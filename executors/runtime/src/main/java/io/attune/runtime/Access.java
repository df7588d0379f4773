package io.attune.runtime;

/// Who may call an endpoint. The gateway enforces it.
public enum Access {
  /// Answers from state and changes none.
  READ,
  /// Changes documents.
  WRITE,
  /// Changes how the Flow works.
  ADMIN
}
