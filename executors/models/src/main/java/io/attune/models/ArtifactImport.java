package io.attune.models;

import io.attune.models.archive.PlainFolder;
import io.attune.onnx.ElementType;
import io.attune.onnx.ExternalData;
import io.attune.onnx.InvalidModelException;
import io.attune.onnx.OnnxModel;
import io.attune.onnx.ValueInfo;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/// Imports an exported artifact: it must be exactly what its `artifact.yml` says, file by file, and
/// its goldens must come out again.
final class ArtifactImport {
  private static final int MAX_YAML_BYTES = 1 << 20;

  private final ModelStore store;
  private final ImportOptions options;
  private final ModelCheck check;
  private final Consumer<String> progress;

  ArtifactImport(
      ModelStore store, ImportOptions options, CheckLimits limits, Consumer<String> progress) {
    this.store = store;
    this.options = options;
    this.check = new ModelCheck(limits);
    this.progress = progress;
  }

  /// @param ours whether the folder is on the store's disk and may be emptied
  StoredModel from(PlainFolder folder, boolean ours) throws IOException {
    if (!ImportOptions.NONE.withName(options.name()).equals(options)) {
      throw FlowException.invalid(
          "options: pooling, normalize, max_length, similarity or prompts for an exported artifact"
              + " (expected: none, it keeps its own)");
    }
    folder.read(Artifact.FILE, MAX_YAML_BYTES);
    Artifact artifact = Artifact.read(folder.file(Artifact.FILE)).requireComplete();
    requireExactly(folder, artifact);
    String name = options.name() == null ? artifact.name() : options.name();
    try (Staging staging = store.stage(name)) {
      for (String file : artifact.files().keySet()) {
        progress.accept("copying " + file);
        take(folder, file, staging.folder(), ours);
        requireHash(staging.folder().resolve(file), artifact.files().get(file));
      }
      requireSound(staging.folder(), artifact);
      progress.accept("computing its goldens in a process of its own");
      check.agree(staging.folder(), artifact);
      progress.accept("publishing");
      return staging.publish(artifact);
    }
  }

  private static void requireExactly(PlainFolder folder, Artifact artifact) throws IOException {
    Set<String> expected = new HashSet<>(artifact.files().keySet());
    expected.add(Artifact.FILE);
    List<String> present = folder.names();
    for (String name : expected) {
      folder.file(name);
    }
    for (String name : present) {
      if (!expected.contains(name)) {
        throw FlowException.invalid(
            folder.path().getFileName() + ": " + name + " (expected: the files of artifact.yml)");
      }
    }
  }

  private static void take(PlainFolder folder, String file, Path target, boolean ours)
      throws IOException {
    if (ours) {
      Files.move(folder.file(file), target.resolve(file));
    } else {
      folder.copy(file, target.resolve(file));
    }
  }

  static void requireHash(Path file, @org.jspecify.annotations.Nullable String expected)
      throws IOException {
    String actual = Sha256.of(file);
    if (!actual.equals(expected)) {
      throw new FlowException(
          ErrorCode.DATA_LOSS,
          file.getFileName() + ": sha256 " + actual + " (expected: " + expected + ")");
    }
  }

  private static void requireSound(Path folder, Artifact artifact) throws IOException {
    requireGraph(folder.resolve(Artifact.MODEL), artifact.inputs());
    requireSpace(
        "space", artifact.space(), artifact, String.valueOf(artifact.files().get(Artifact.MODEL)));
    for (Variant variant : artifact.variants()) {
      requireGraph(folder.resolve(variant.file()), artifact.inputs());
      if (!variant.space().equals(artifact.space())) {
        requireSpace(
            "variants." + variant.name() + ".space", variant.space(), artifact, variant.sha256());
      }
    }
    if (artifact.preprocess() == Preprocess.TEXT) {
      byte[] json = Files.readAllBytes(folder.resolve(Artifact.TOKENIZER));
      TokenizerJson.stripped(json);
    }
  }

  /// The space decides which vectors are compared, so a file's word is not taken for it.
  private static void requireSpace(String key, Space said, Artifact artifact, String sha256) {
    if (!said.isOf(artifact, sha256)) {
      throw FlowException.invalid(
          "artifact.yml: %s: %s (expected: %s, by the hashes, max_length and document_prompt)"
              .formatted(key, said, Space.of(artifact, sha256)));
    }
  }

  /// Refuses a graph that does not pass the checks, keeps data elsewhere, or reads other inputs
  /// than its artifact says.
  static void requireGraph(Path file, Map<String, ElementType> expected) throws IOException {
    OnnxModel model = HeapRoom.read(file).check();
    if (ExternalData.used(model)) {
      throw new InvalidModelException(
          file.getFileName() + " has external data (expected: none in an artifact)");
    }
    Map<String, ElementType> inputs = new HashMap<>();
    for (ValueInfo input : model.graph().inputs()) {
      inputs.put(input.name(), input.elementType().orElseThrow());
    }
    if (!inputs.equals(expected)) {
      throw new InvalidModelException(
          "inputs %s (expected: %s, as artifact.yml says)".formatted(inputs, expected));
    }
  }
}
