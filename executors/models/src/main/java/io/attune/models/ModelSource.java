package io.attune.models;

import io.attune.models.archive.PlainFolder;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// A graph and its tokeniser on their way into a store.
///
/// @param model the graph's file; its external data lies in its folder
/// @param tokenizer the tokeniser's file
/// @param found what the files beside them say
record ModelSource(Path model, Path tokenizer, ImportOptions found) {
  /// Two files that somebody named; links to them are followed.
  static ModelSource of(Path model, Path tokenizer) throws IOException {
    return new ModelSource(model.toRealPath(), tokenizer.toRealPath(), ImportOptions.NONE);
  }

  /// The model of a folder: `model.onnx` or the one `.onnx` file there is, in the folder or in
  /// `onnx/`, and `tokenizer.json` beside it or in the folder.
  ///
  /// @param pooling whether the files beside them are asked for the pooling
  static ModelSource in(PlainFolder folder, boolean pooling) throws IOException {
    String model = model(folder);
    boolean nested = model.startsWith("onnx/") && folder.has("onnx/" + Artifact.TOKENIZER);
    Path tokenizer = folder.file((nested ? "onnx/" : "") + Artifact.TOKENIZER);
    return new ModelSource(
        folder.file(model), tokenizer, SentenceTransformers.options(folder, pooling));
  }

  private static String model(PlainFolder folder) throws IOException {
    for (String name : List.of(Artifact.MODEL, "onnx/" + Artifact.MODEL)) {
      if (folder.has(name)) {
        return name;
      }
    }
    List<String> graphs = folder.names().stream().filter(n -> n.endsWith(".onnx")).toList();
    Optional<String> only = graphs.size() == 1 ? graphs.stream().findFirst() : Optional.empty();
    return only.orElseThrow(() ->
        new FlowException(
            ErrorCode.NOT_FOUND,
            "%s: %s (expected: model.onnx and tokenizer.json, or an exported artifact)"
                .formatted(folder.path().getFileName(), shown(folder, graphs))));
  }

  private static String shown(PlainFolder folder, List<String> graphs) {
    try {
      List<String> names = graphs.isEmpty() ? folder.names() : graphs;
      return "holds " + names.subList(0, Math.min(names.size(), 10));
    } catch (IOException e) {
      return "cannot be listed: " + e.getMessage();
    }
  }
}
