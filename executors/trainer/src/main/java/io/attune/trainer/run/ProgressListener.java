package io.attune.trainer.run;

/// Is told how a run goes.
@FunctionalInterface
public interface ProgressListener {
  /// Tells nobody.
  ProgressListener NONE = event -> {};

  void on(ProgressEvent event);
}
