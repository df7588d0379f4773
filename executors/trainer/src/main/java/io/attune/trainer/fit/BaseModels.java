package io.attune.trainer.fit;

import io.attune.document.Document;
import io.attune.models.Artifact;
import io.attune.models.DefaultModel;
import io.attune.models.ImportOptions;
import io.attune.models.ModelImport;
import io.attune.models.ModelStore;
import io.attune.models.Pooling;
import io.attune.models.Preprocess;
import io.attune.models.Similarity;
import io.attune.models.Space;
import io.attune.models.StoredModel;
import io.attune.onnx.ElementType;
import io.attune.onnx.OnnxModel;
import io.attune.onnx.ValueInfo;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.trainer.architecture.Architecture;
import io.attune.trainer.architecture.BiLstm;
import io.attune.trainer.architecture.Mlp;
import io.attune.trainer.data.TrainingData;
import io.attune.trainer.data.vocabulary.PieceVocabulary;
import io.attune.trainer.data.vocabulary.WordVocabulary;
import io.attune.trainer.graph.ProjectionHead;
import io.attune.trainer.run.RunConfig;
import io.attune.trainer.run.RunFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Finds or makes the model that a configuration names.
final class BaseModels {
  private static final int DEFAULT_MAX_WORDS = 100;

  private final RunConfig config;
  private final ModelStore store;
  private final Path scratch;
  private final Consumer<String> notes;

  /// @param scratch where a tokeniser that is made here lies until it is published
  BaseModels(RunConfig config, ModelStore store, Path scratch, Consumer<String> notes) {
    this.config = config;
    this.store = store;
    this.scratch = scratch;
    this.notes = notes;
  }

  /// The model, with a projection head where the configuration asks for one.
  ///
  /// @param data what the words of a `bilstm` are taken from
  BaseModel open(TrainingData data) {
    BaseModel base =
        Architecture.NAMES.contains(config.model()) ? made(data) : of(stored(config.model()));
    Integer outputs = config.outputDim();
    if (outputs == null || Architecture.NAMES.contains(config.model())) {
      return base;
    }
    return new BaseModel(
        ProjectionHead.attach(base.graph(), outputs, config.seed()).model(),
        base.draft().withDimension(outputs),
        base.tokenizer(),
        base.maxLength(),
        base.parent());
  }

  /// The configuration with its model named by its version, which a file becomes here; unchanged
  /// for an architecture.
  RunConfig pinned(RunFolder folder) {
    if (Architecture.NAMES.contains(config.model())) {
      return config;
    }
    String version = stored(config.model()).id().toString();
    return version.equals(config.model()) ? config : folder.pin(version);
  }

  /// Refuses a `max_length` beyond what the model reads.
  static void requireLength(RunConfig config, Artifact artifact) {
    Integer asked = config.maxLength();
    if (asked != null && asked > artifact.maxLength()) {
      throw FlowException.invalid(
          "max_length: %d (expected: at most %d, which %s reads)"
              .formatted(asked, artifact.maxLength(), artifact.id()));
    }
  }

  private StoredModel stored(String reference) {
    if (!config.isModelFile()) {
      return DefaultModel.resolve(store, reference);
    }
    Path file = Path.of(reference);
    return once()
        .of(
            file,
            () ->
                reference.endsWith(".onnx")
                    ? imports().from(file, file.resolveSibling(Artifact.TOKENIZER))
                    : imports().from(file));
  }

  private ImportedOnce once() {
    return new ImportedOnce(store, notes);
  }

  private ModelImport imports() {
    return new ModelImport(store, ImportOptions.NONE).telling(notes);
  }

  private BaseModel of(StoredModel model) {
    model.requireIntact();
    Artifact artifact = model.artifact();
    requireLength(config, artifact);
    Integer asked = config.maxLength();
    return new BaseModel(
        read(model.model()),
        artifact,
        artifact.preprocess() == Preprocess.TEXT ? model.tokenizer() : null,
        asked == null ? artifact.maxLength() : asked,
        Optional.of(model.id()));
  }

  static OnnxModel read(Path file) {
    try {
      return OnnxModel.read(file).check();
    } catch (IOException e) {
      throw new FlowException(ErrorCode.INTERNAL, file + ": cannot be read: " + e.getMessage(), e);
    }
  }

  /// The architecture that a configuration names.
  static Architecture architecture(RunConfig config) {
    Map<String, @Nullable Object> options = new LinkedHashMap<>(config.modelOptions());
    if (config.outputDim() != null) {
      options.put("output_dim", config.outputDim());
    }
    return Architecture.of(config.model(), options);
  }

  private BaseModel made(TrainingData data) {
    Architecture architecture = architecture(config);
    OnnxModel graph = architecture.initialized(config.seed());
    return switch (architecture) {
      case BiLstm bilstm -> madeText(bilstm, graph, data);
      case Mlp _ ->
          new BaseModel(
              graph, draft(architecture, graph, Preprocess.TENSOR, 0), null, 0, Optional.empty());
    };
  }

  private BaseModel madeText(BiLstm architecture, OnnxModel graph, TrainingData data) {
    if (architecture.padding() == BiLstm.Padding.READ) {
      throw FlowException.invalid(
          "model_options: padding read (expected: skip, for texts of any length to be served)");
    }
    int maxLength = config.maxLength() == null ? DEFAULT_MAX_WORDS : config.maxLength();
    try {
      Path tokenizer =
          Files.writeString(
              Files.createDirectories(scratch).resolve(Artifact.TOKENIZER),
              tokenizer(architecture, data, maxLength));
      Artifact draft = draft(architecture, graph, Preprocess.TEXT, maxLength);
      return new BaseModel(graph, draft, tokenizer, maxLength, Optional.empty());
    } catch (IOException e) {
      throw new FlowException(ErrorCode.INTERNAL, "tokenizer: " + e.getMessage(), e);
    }
  }

  private String tokenizer(BiLstm architecture, TrainingData data, int maxLength) {
    return switch (architecture.vocabulary()) {
      case WORDS -> {
        WordVocabulary words = WordVocabulary.of(texts(data), architecture.vocabularySize());
        notes.accept("%d words seen twice or more".formatted(words.ids().size()));
        yield words.toTokenizerJson(maxLength);
      }
      case PIECES -> {
        PieceVocabulary all = PieceVocabulary.of(texts(data), architecture.vocabularySize());
        notes.accept(
            "%d words seen twice or more, and %d pieces of words"
                .formatted(all.words(), all.ids().size() - all.words()));
        yield all.toTokenizerJson(maxLength);
      }
    };
  }

  private static Iterable<String> texts(TrainingData data) {
    return () -> {
      Iterator<Document> documents = data.documents().iterator();
      return new Iterator<>() {
        @Override
        public boolean hasNext() {
          return documents.hasNext();
        }

        @Override
        public String next() {
          return documents.next().text();
        }
      };
    };
  }

  private static Artifact draft(
      Architecture architecture, OnnxModel graph, Preprocess preprocess, int maxLength) {
    Map<String, ElementType> inputs = new LinkedHashMap<>();
    for (ValueInfo input : graph.graph().inputs()) {
      inputs.put(input.name(), input.elementType().orElse(ElementType.FLOAT));
    }
    return new Artifact(
        architecture.name(),
        0,
        preprocess,
        inputs,
        architecture.dimension(),
        maxLength,
        Pooling.NONE,
        false,
        Similarity.COSINE,
        "",
        "",
        Space.EXTERNAL,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Map.of(),
        Map.of(),
        List.of());
  }
}
