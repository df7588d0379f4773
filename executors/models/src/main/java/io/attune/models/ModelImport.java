package io.attune.models;

import io.attune.onnx.Dimension;
import io.attune.onnx.ElementType;
import io.attune.onnx.InvalidModelException;
import io.attune.onnx.OnnxModel;
import io.attune.onnx.Tensor;
import io.attune.onnx.ValueInfo;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Makes a version in a store of a BERT-style ONNX graph and its tokenizer: the graph is checked,
/// given pooling and normalisation, run on the goldens, and published.
public final class ModelImport {
  private static final Set<String> TEXT_INPUTS =
      Set.of("input_ids", "attention_mask", "token_type_ids");

  private final ModelStore store;
  private final ImportOptions options;

  public ModelImport(ModelStore store, ImportOptions options) {
    this.store = store;
    this.options = options;
  }

  /// Imports files whose hashes the caller knows to be right.
  StoredModel trusted(byte[] model, byte[] tokenizer) {
    try (Staging staging = store.stage(options.name())) {
      OnnxModel checked = OnnxModel.parse(model).check();
      return publish(staging, checked, tokenizer);
    } catch (InvalidModelException e) {
      throw new FlowException(
          ErrorCode.INVALID_ARGUMENT, Artifact.MODEL + ": " + e.getMessage(), e);
    } catch (IOException e) {
      throw ModelStore.failed(store.root(), e);
    }
  }

  private StoredModel publish(Staging staging, OnnxModel model, byte[] tokenizer)
      throws IOException {
    Map<String, ElementType> inputs = textInputs(model);
    ValueInfo output = EmbeddingOutput.of(model.graph());
    boolean tokens = EmbeddingOutput.rank(output) == 3;
    Pooling pooling =
        options.pooling() != null ? options.pooling() : tokens ? Pooling.MEAN : Pooling.NONE;
    if (tokens == (pooling == Pooling.NONE)) {
      throw FlowException.invalid(
          "pooling: %s for output %s (expected: %s)"
              .formatted(pooling, output, tokens ? "mean, cls or max" : "none"));
    }
    boolean normalize = options.normalize() != null ? options.normalize() : tokens;
    EmbeddingGraph graph = new EmbeddingGraph(model);
    OnnxModel complete =
        tokens ? graph.pooled(output, pooling, normalize) : graph.unpooled(output, normalize);
    complete.check();
    Path file = staging.folder().resolve(Artifact.MODEL);
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 16)) {
      complete.write(out);
    }
    Files.write(staging.folder().resolve(Artifact.TOKENIZER), TokenizerJson.stripped(tokenizer));
    int dimension = dimension(complete);
    int maxLength = maxLength(model);
    Golden golden = goldens(staging.folder(), dimension, maxLength);
    golden.write(staging.folder().resolve(Artifact.GOLDEN));
    return staging.publish(artifact(staging, inputs, dimension, maxLength, pooling, golden));
  }

  private Artifact artifact(
      Staging staging,
      Map<String, ElementType> inputs,
      int dimension,
      int maxLength,
      Pooling pooling,
      Golden golden) {
    Map<String, String> hashes = staging.hashes();
    Space space =
        Space.of(
            String.valueOf(hashes.get(Artifact.MODEL)),
            String.valueOf(hashes.get(Artifact.TOKENIZER)),
            Integer.toString(maxLength),
            options.queryPrompt(),
            options.documentPrompt());
    return new Artifact(
        options.name(),
        0,
        Preprocess.TEXT,
        inputs,
        dimension,
        maxLength,
        pooling,
        normalized(golden),
        options.similarity(),
        options.queryPrompt(),
        options.documentPrompt(),
        space,
        Optional.empty(),
        Optional.empty(),
        Map.of(),
        hashes,
        List.of());
  }

  private static boolean normalized(Golden golden) {
    for (Golden.Case one : golden.cases()) {
      double square = 0;
      for (float value : one.embedding()) {
        square += (double) value * value;
      }
      if (Math.abs(Math.sqrt(square) - 1) > 1e-3) {
        return false;
      }
    }
    return true;
  }

  private Golden goldens(Path folder, int dimension, int maxLength) {
    try (TextTokenizer tokenizer =
            TextTokenizer.open(folder.resolve(Artifact.TOKENIZER), maxLength);
        OnnxSession session =
            OnnxSession.open(folder.resolve(Artifact.MODEL), dimension, SessionOptions.DEFAULT)) {
      return Golden.of(session, tokenizer, GoldenTexts.of(options, maxLength));
    }
  }

  private static Map<String, ElementType> textInputs(OnnxModel model) {
    Map<String, ElementType> inputs = new LinkedHashMap<>();
    for (ValueInfo input : model.graph().inputs()) {
      ElementType type = input.elementType().orElseThrow();
      boolean known = TEXT_INPUTS.contains(input.name());
      boolean whole = type == ElementType.INT64 || type == ElementType.INT32;
      boolean open =
          input.shape().isEmpty()
              || (input.shape().get().size() == 2
                  && input.shape().get().stream().noneMatch(d -> d instanceof Dimension.Fixed));
      if (!known || !whole || !open) {
        throw new InvalidModelException(
            "input %s (expected: input_ids, attention_mask or token_type_ids, int64 or int32,"
                    .formatted(input)
                + " [batch, sequence] of any size)");
      }
      inputs.put(input.name(), type);
    }
    if (!inputs.containsKey("input_ids")) {
      throw new InvalidModelException(
          "inputs: " + inputs.keySet() + " (expected: input_ids among them)");
    }
    return inputs;
  }

  private static int dimension(OnnxModel model) {
    ValueInfo output = model.graph().output(Artifact.OUTPUT).orElseThrow();
    if (output.shape().isPresent()
        && output.shape().get().getLast() instanceof Dimension.Fixed(long size)
        && size >= 1
        && size <= Artifact.MAX_DIMENSION) {
      return (int) size;
    }
    throw new InvalidModelException(
        "output %s (expected: a fixed last dimension of 1..%d)"
            .formatted(output, Artifact.MAX_DIMENSION));
  }

  private int maxLength(OnnxModel model) {
    int positions = PositionTable.size(model.graph().initializers().values());
    Integer asked = options.maxLength();
    if (asked == null) {
      return Math.min(ImportOptions.DEFAULT_MAX_LENGTH, positions);
    }
    if (asked > positions) {
      throw FlowException.invalid(
          "max_length: %d (expected: 3..%d, the model's position table)"
              .formatted(asked, positions));
    }
    return asked;
  }

  /// Finds how many positions a graph has learned embeddings for.
  private static final class PositionTable {
    private static final int UNBOUNDED = 1_000_000;

    private PositionTable() {}

    static int size(Iterable<Tensor> tensors) {
      for (Tensor tensor : tensors) {
        if (tensor.name().contains("position_embeddings") && tensor.dims().length == 2) {
          int rows = (int) Math.min(UNBOUNDED, tensor.dims()[0]);
          // RoBERTa's first two rows are for padding: 514 rows hold 512 positions.
          return rows > 2 && rows % 8 == 2 ? rows - 2 : rows;
        }
      }
      return UNBOUNDED;
    }
  }
}
