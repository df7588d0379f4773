package io.attune.trainer.label;

import io.attune.document.DocumentArray;
import io.attune.models.StoredModel;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// The runs that labels are trained by.
public interface SessionRuns {
  /// The model of the last run of an experiment that finished; empty where there is none.
  Optional<StoredModel> tuned(String experiment);

  /// The model of a name as it is before any run; empty for an architecture, which is made by one.
  Optional<StoredModel> base(String model);

  /// Whether a run could start now.
  boolean hasRoom();

  /// Starts a run, or finds it where it was started before.
  ///
  /// @param cause what it is found by, also after a restart
  /// @param values by the names of a run's configuration
  /// @return its summary
  /// @throws io.attune.runtime.FlowException RESOURCE_EXHAUSTED where enough runs are going on;
  ///   INVALID_ARGUMENT where the documents cannot be trained on
  Map<String, @Nullable Object> start(
      UUID cause, Map<String, ? extends @Nullable Object> values, DocumentArray documents);
}
