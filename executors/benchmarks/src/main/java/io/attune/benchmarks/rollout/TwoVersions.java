package io.attune.benchmarks.rollout;

import io.attune.models.Artifact;
import io.attune.models.DefaultModel;
import io.attune.models.ModelStore;
import io.attune.models.Space;
import io.attune.models.Staging;
import io.attune.models.StoredModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// The default model twice, as versions 1 and 2 that differ in what they say their space is: a
/// rollout between them costs what one to a tuned version costs.
final class TwoVersions {
  private TwoVersions() {}

  /// Publishes both in an empty store.
  ///
  /// @param from a store that the default model is in, or is imported into now
  static void publish(Path store, Path from) throws IOException {
    StoredModel model = DefaultModel.in(ModelStore.at(from));
    for (Space space : List.of(model.artifact().space(), new Space("second"))) {
      try (Staging staging = ModelStore.at(store).stage(DefaultModel.NAME)) {
        for (Path file : List.of(model.model(), model.tokenizer(), model.golden())) {
          Files.copy(file, staging.folder().resolve(file.getFileName().toString()));
        }
        Artifact artifact = model.artifact().in(space, model.artifact().normalized());
        StoredModel _ = staging.publish(artifact);
      }
    }
  }
}
