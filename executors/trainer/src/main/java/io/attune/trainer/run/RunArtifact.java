package io.attune.trainer.run;

import io.attune.models.ModelStore;
import io.attune.models.StoredModel;
import io.attune.runtime.ModelVersion;
import java.nio.file.Path;

/// The model that a run published.
///
/// @param model its name and version, `name@version`
/// @param store the folder of its ModelStore
public record RunArtifact(String model, String store) {
  /// The reference to a stored model.
  public static RunArtifact of(StoredModel model, ModelStore store) {
    return new RunArtifact(model.id().toString(), store.root().toString());
  }

  /// Opens it.
  ///
  /// @throws io.attune.runtime.FlowException (NOT_FOUND) where it is not in its store any more
  public StoredModel open() {
    return ModelStore.at(Path.of(store)).open(ModelVersion.parse(model));
  }
}
