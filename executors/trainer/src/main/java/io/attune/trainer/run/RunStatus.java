package io.attune.trainer.run;

/// Where a run stands.
public enum RunStatus {
  /// It is about to be trained, or never was.
  CREATED,
  /// A process trains it.
  STARTED,
  /// It is trained and its artifact is there.
  FINISHED,
  /// It ended with an error, or its process is gone; the details say why.
  FAILED,
  /// Somebody ended it.
  CANCELLED;

  /// Whether nothing goes on any more.
  public boolean isOver() {
    return this == FINISHED || this == FAILED || this == CANCELLED;
  }
}
