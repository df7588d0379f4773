package io.attune.gateway.rollout;

import io.attune.proto.attune.VersionJudgments;
import io.attune.runtime.FlowException;
import io.attune.runtime.ModelVersion;
import java.time.Instant;
import java.util.Optional;

/// Says what people found relevant of what the versions of a model answered.
@FunctionalInterface
public interface Judgments {
  /// What was said of the searches of two versions.
  record Both(VersionJudgments from, VersionJudgments to) {}

  /// What was said so far of the searches that were answered at a time or later; empty where nobody
  /// collects it.
  ///
  /// @throws FlowException where it cannot be told
  Optional<Both> since(Instant time, ModelVersion from, ModelVersion to)
      throws InterruptedException;

  /// For a Flow that collects none.
  Judgments NONE = (_, _, _) -> Optional.empty();
}
