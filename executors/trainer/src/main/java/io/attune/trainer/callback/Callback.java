package io.attune.trainer.callback;

import io.attune.trainer.run.Measured;
import io.attune.trainer.run.ProgressEvent;
import java.util.List;
import java.util.Map;

/// Is called as training goes on. All calls come from the thread that trains, in the order of the
/// callbacks, and may take as long as they like; what one throws ends the run.
///
/// A run that goes on after its process died begins with [#restore], so that a callback which keeps
/// anything between epochs makes it again of what was measured.
public interface Callback {
  /// Before everything else, where earlier epochs were trained by another process.
  ///
  /// @param fit which a callback may stop at once, where the earlier process died before it ended
  /// @param history what was measured then, the oldest first
  default void restore(Fit fit, List<Measured> history) {}

  /// Before the first step of this process.
  default void fitBegin(Fit fit) {}

  /// Before an epoch's first step.
  ///
  /// @param epoch from 1
  default void epochBegin(Fit fit, int epoch) {}

  /// After an update.
  default void stepEnd(Fit fit, ProgressEvent.Step step) {}

  /// At the end of an epoch, after its evaluations: the place to add what this callback measures.
  ///
  /// @param epoch from 1; 0 before training, where no step was made
  /// @return what it measured, by name; nothing for most
  default Map<String, Double> measure(Fit fit, int epoch) {
    return Map.of();
  }

  /// After an epoch, once everything of it was measured.
  ///
  /// @param measured the losses and all that [#measure] of this and the other callbacks gave
  default void epochEnd(Fit fit, Measured measured) {}

  /// After the last epoch, with the weights that will be published; not after an exception.
  default void fitEnd(Fit fit) {}

  /// When training ends with an exception, a cancelled run's too.
  default void exception(Fit fit, Throwable failure) {}
}
