package io.attune.trainer.fit;

import io.attune.models.DefaultModel;
import io.attune.models.ModelStore;
import io.attune.models.StoredModel;
import io.attune.onnx.OnnxModel;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.trainer.architecture.Architecture;
import io.attune.trainer.graph.DifferentiableGraph;
import io.attune.trainer.graph.NamePatterns;
import io.attune.trainer.graph.ProjectionHead;
import io.attune.trainer.run.RunConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;

/// What is checked and settled of a configuration before its run exists, whoever asks for the run.
///
/// Every part is made with its options, every file must be there, and the model must be in its
/// store and able to do what is asked of it. What is left is the configuration that is kept with
/// the run: its files are named from the root, for it may be resumed from any folder, and its model
/// by its version, for a newer one may be published before it is resumed. A model file becomes a
/// version when the run first starts, in its process, whose memory has a limit.
public final class Preflight {
  /// A graph is read with its copies.
  private static final int HEAP_PARTS = 4;

  private Preflight() {}

  /// Checks a configuration.
  ///
  /// @param models where its model is looked for; the default model is imported where it is not
  ///   there
  /// @return what the run is created with
  /// @throws FlowException naming what is wrong, and what is near
  public static RunConfig check(RunConfig config, ModelStore models) {
    RunConfig settled = config.withFiles((_, file) -> absolute(file));
    var _ = FitParts.of(settled);
    if (settled.isModelFile()) {
      requireThere(settled.model());
      return settled;
    }
    if (Architecture.NAMES.contains(settled.model())) {
      requireMatches(settled, () -> BaseModels.architecture(settled).initialized(settled.seed()));
      return settled;
    }
    StoredModel model = DefaultModel.resolve(models, settled.model());
    BaseModels.requireLength(settled, model.artifact());
    if (isSmall(model.model())) {
      requireMatches(settled, () -> withHead(settled, BaseModels.read(model.model())));
    }
    return settled.with(Map.of("model", model.id().toString()));
  }

  /// Refuses patterns that match no weight, or that leave none to be trained.
  private static void requireMatches(RunConfig config, Supplier<OnnxModel> graph) {
    if (config.freeze().isEmpty() || config.freeze().contains("*")) {
      return; // what * leaves was judged with the configuration
    }
    List<String> names = DifferentiableGraph.parameterNames(graph.get());
    Set<String> frozen =
        NamePatterns.matching("freeze", config.freeze(), names, Function.identity());
    if (frozen.size() == names.size()) {
      throw FlowException.invalid(
          "freeze: %s (expected: patterns that leave a weight; nothing would be trained)"
              .formatted(config.freeze()));
    }
  }

  private static OnnxModel withHead(RunConfig config, OnnxModel graph) {
    Integer outputs = config.outputDim();
    return outputs == null ? graph : ProjectionHead.attach(graph, outputs, config.seed()).model();
  }

  /// Whether a graph is read here; a larger one is read in the run's process alone, and judged
  /// there.
  private static boolean isSmall(Path graph) {
    try {
      return Files.size(graph) <= Runtime.getRuntime().maxMemory() / HEAP_PARTS;
    } catch (IOException e) {
      throw new FlowException(ErrorCode.INTERNAL, graph + ": cannot be read: " + e.getMessage(), e);
    }
  }

  private static String absolute(String file) {
    return Path.of(file).toAbsolutePath().normalize().toString();
  }

  private static void requireThere(String model) {
    if (!Files.exists(Path.of(model))) {
      throw new FlowException(
          ErrorCode.NOT_FOUND,
          "model: %s is not there (expected: an ONNX file or a folder with one)".formatted(model));
    }
  }
}
