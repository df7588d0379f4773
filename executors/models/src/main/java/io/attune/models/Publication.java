package io.attune.models;

import io.attune.onnx.OnnxModel;
import io.attune.runtime.FlowException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Publishes a graph that was made here, such as a tuned one, as a model's next version: its
/// goldens are what a process of its own computes, so a graph that does not load, crashes or takes
/// too much memory is never published.
public final class Publication {
  private static final int TENSOR_CASES = 8;

  private final ModelStore store;
  private final CheckLimits limits;
  private final Consumer<String> progress;
  private final Check check;

  /// What a caller asks of a graph before it is published.
  @FunctionalInterface
  public interface Check {
    /// Looks at it.
    ///
    /// @param model the graph as it was written
    /// @throws FlowException where it must not be published
    void accept(Path model) throws IOException;
  }

  /// @param limits of the process that computes the goldens
  /// @param progress told each step as it begins
  public Publication(ModelStore store, CheckLimits limits, Consumer<String> progress) {
    this(store, limits, progress, _ -> {});
  }

  /// The same with a check of the caller's own on the file that will be published.
  public Publication(ModelStore store, CheckLimits limits, Consumer<String> progress, Check check) {
    this.store = store;
    this.limits = limits;
    this.progress = progress;
    this.check = check;
  }

  /// Publishes a model of texts; the goldens are of Attune's own texts.
  ///
  /// @param draft what the artifact says; version, files, space and whether it is normalised are
  ///   filled in
  /// @param tokenizer its `tokenizer.json`
  public StoredModel ofText(Artifact draft, OnnxModel graph, byte[] tokenizer) {
    List<String> texts =
        GoldenTexts.of(draft.queryPrompt(), draft.documentPrompt(), draft.maxLength());
    return publish(draft, graph, tokenizer, texts.stream().map(Golden.Case::ofText).toList());
  }

  /// Publishes a model of tensors.
  ///
  /// @param tensors some inputs, of which the first few become goldens
  /// @param shape the shape of each
  public StoredModel ofTensors(
      Artifact draft, OnnxModel graph, List<float[]> tensors, long... shape) {
    if (tensors.isEmpty()) {
      throw FlowException.invalid("goldens: no tensor (expected: one or more)");
    }
    List<Golden.Case> inputs =
        tensors.stream()
            .limit(TENSOR_CASES)
            .map(tensor -> new Golden.Case(null, tensor, shape, new float[0]))
            .toList();
    return publish(draft, graph, null, inputs);
  }

  private StoredModel publish(
      Artifact draft, OnnxModel graph, byte @Nullable [] tokenizer, List<Golden.Case> inputs) {
    try (Staging staging = store.stage(draft.name())) {
      Path model = write(graph, staging.folder().resolve(Artifact.MODEL));
      check.accept(model);
      Path tokens = null;
      if (tokenizer != null) {
        tokens = Files.write(staging.folder().resolve(Artifact.TOKENIZER), tokenizer);
      }
      progress.accept("trying it in a process of its own");
      List<float[]> embeddings =
          new ModelCheck(limits).embed(model, tokens, draft.dimension(), draft.maxLength(), inputs);
      Golden golden = Golden.with(inputs, embeddings);
      golden.write(staging.folder().resolve(Artifact.GOLDEN));
      progress.accept("publishing");
      Artifact hashed = draft.withFiles(staging.hashes());
      return staging.publish(hashed.in(Space.of(hashed), golden.normalized()));
    } catch (IOException e) {
      throw ModelStore.failed(store.root(), e);
    }
  }

  private static Path write(OnnxModel graph, Path file) throws IOException {
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 16)) {
      graph.write(out);
    }
    return file;
  }
}
