package io.attune.gateway.rollout;

import io.attune.models.Artifact;
import io.attune.models.ModelStore;
import io.attune.models.StoredModel;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.ModelVersion;

/// What is known of model versions without loading them.
@FunctionalInterface
public interface Catalog {
  /// A version.
  ///
  /// @param space the id of its space
  /// @param dimension the length of its embeddings
  record Entry(ModelVersion version, String space, int dimension) {}

  /// What a caller names.
  ///
  /// @param reference `name@version`, or `name` for the newest
  /// @throws FlowException NOT_FOUND naming what there is
  Entry find(String reference);

  /// The versions of a store.
  static Catalog of(ModelStore store) {
    return reference -> {
      try {
        StoredModel stored = store.resolve(reference);
        Artifact artifact = stored.artifact();
        return new Entry(stored.id(), artifact.space().id(), artifact.dimension());
      } catch (FlowException failure) {
        throw failure.code() == ErrorCode.NOT_FOUND
            ? new FlowException(
                ErrorCode.NOT_FOUND, failure.getMessage() + ", in " + store.root(), failure)
            : failure;
      }
    };
  }
}
