package io.attune.models;

import io.attune.runtime.FlowException;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/// Makes a version of a stored one that puts another prompt before queries, and is the same for
/// documents: it keeps the space, so that a Flow goes over to it without embedding anything again.
///
/// A parent from before query prompts were left out of the space, which has one, has a space that
/// nothing else can have: the version is then in a new one, and the next of it keeps that.
public final class QueryPrompt {
  private final ModelStore store;
  private final CheckLimits limits;
  private final Consumer<String> progress;

  /// @param limits of the process that tries the version
  /// @param progress told each step as it begins
  public QueryPrompt(ModelStore store, CheckLimits limits, Consumer<String> progress) {
    this.store = store;
    this.limits = limits;
    this.progress = progress;
  }

  /// Publishes the version, next of the parent's name.
  ///
  /// @param prompt put before the text of a query, at most 10,000 characters
  /// @throws FlowException DATA_LOSS where a file of the parent is not what it says
  public StoredModel publish(StoredModel parent, String prompt) {
    var _ = ImportOptions.NONE.withPrompts(prompt, null); // checks it
    Artifact from = parent.artifact();
    if (from.preprocess() != Preprocess.TEXT) {
      throw FlowException.invalid(
          "query_prompt: for %s (expected: a model of texts)".formatted(from.id()));
    }
    try (Staging staging = store.stage(from.name())) {
      for (Map.Entry<String, String> file : from.files().entrySet()) {
        progress.accept("copying " + file.getKey());
        var copy =
            Files.copy(
                parent.folder().resolve(file.getKey()), staging.folder().resolve(file.getKey()));
        ArtifactImport.requireHash(copy, file.getValue());
      }
      Artifact draft = of(from, prompt);
      progress.accept("computing its goldens in a process of its own");
      new ModelCheck(limits).agree(staging.folder(), draft);
      progress.accept("publishing");
      return staging.publish(draft);
    } catch (IOException e) {
      throw ModelStore.failed(store.root(), e);
    }
  }

  private static Artifact of(Artifact from, String prompt) {
    Artifact prompted = from.withQueryPrompt(prompt).from(from.id(), null, null, Map.of());
    Space space = Space.of(prompted);
    List<Variant> variants =
        from.variants().stream()
            .map(each ->
                new Variant(
                    each.name(),
                    each.file(),
                    each.sha256(),
                    each.agreement(),
                    each.space().equals(from.space()) ? space : Space.of(prompted, each.sha256())))
            .toList();
    return prompted.with(List.of()).in(space, from.normalized()).with(variants);
  }
}
