package io.attune.trainer.fit;

import io.attune.trainer.run.ProgressEvent;
import io.attune.trainer.run.ProgressListener;
import java.util.LinkedHashMap;
import java.util.Map;

/// Passes events on, and keeps what was measured with the weights that are published.
final class Results implements ProgressListener {
  private final ProgressListener next;
  private final Map<String, Double> after = new LinkedHashMap<>();

  Results(ProgressListener next) {
    this.next = next;
  }

  @Override
  public void on(ProgressEvent event) {
    if (event instanceof ProgressEvent.Evaluated evaluated
        && evaluated.phase().equals(ProgressEvent.Evaluated.AFTER)) {
      String prefix = evaluated.caption().isEmpty() ? "" : evaluated.caption() + "_";
      evaluated.metrics().forEach((label, value) -> after.put(prefix + label, value.value()));
    }
    next.on(event);
  }

  /// The metrics by label.
  Map<String, Double> after() {
    return after;
  }
}
