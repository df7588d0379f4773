package io.attune.cli.models;

import io.attune.models.DefaultModel;
import io.attune.models.ModelStore;
import io.attune.models.StoredModel;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Which ModelStore a command works on.
public final class StoreOptions {
  @Option(
      names = "--store",
      paramLabel = "DIR",
      description = "The ModelStore (default: $$ATTUNE_MODELS, else ~/.attune/models).")
  private @Nullable Path folder;

  /// Whether a folder is named.
  public boolean isGiven() {
    return folder != null;
  }

  /// The store.
  public ModelStore store() {
    return ModelStore.at(folder == null ? ModelStore.defaultRoot() : folder.toAbsolutePath());
  }

  /// The model of `name`, `name@3` or `name@tag`. The default model is imported where it is asked
  /// for and not there.
  public StoredModel model(String reference) {
    return DefaultModel.resolve(store(), reference);
  }
}
