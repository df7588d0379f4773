package io.attune.indexer.log;

import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;

/// The messages of a log that cannot be trusted.
final class Damage {
  private Damage() {}

  /// Damage that takes acknowledged records with it, at an offset of a file.
  static FlowException at(String file, long offset, String what) {
    return new FlowException(
        ErrorCode.DATA_LOSS,
        "log: %s is damaged at offset %d: %s (expected: an undamaged file; restore it from a backup, or remove the shard's folder and index the documents again)"
            .formatted(file, offset, what));
  }

  /// Files that do not make up one log.
  static FlowException of(String file, String what, String expected) {
    return new FlowException(
        ErrorCode.DATA_LOSS,
        "log: %s %s (expected: %s; restore the missing files from a backup, or remove the shard's folder and index the documents again)"
            .formatted(file, what, expected));
  }
}
