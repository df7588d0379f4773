package io.attune.models;

import io.attune.onnx.Dimension;
import io.attune.onnx.ElementType;
import io.attune.onnx.InvalidModelException;
import io.attune.onnx.OnnxModel;
import io.attune.onnx.Tensor;
import io.attune.onnx.ValueInfo;
import io.attune.runtime.FlowException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A BERT-style graph made into one that an artifact holds: tokens in, one `embedding` out.
///
/// @param graph the graph with pooling and normalisation in it
/// @param inputs its inputs and their types
/// @param dimension the length of an embedding
/// @param maxLength the most tokens of a text
/// @param pooling what was appended
record TextModel(
    OnnxModel graph,
    Map<String, ElementType> inputs,
    int dimension,
    int maxLength,
    Pooling pooling) {
  private static final Set<String> INPUTS = Set.of("input_ids", "attention_mask", "token_type_ids");

  /// @param asked what the import was told, which is done or refused
  /// @param found what files beside the model say, which is done where it fits
  static TextModel of(OnnxModel model, ImportOptions asked, ImportOptions found) {
    Map<String, ElementType> inputs = inputs(model);
    boolean wantsTokens = asked.pooling() != null && asked.pooling() != Pooling.NONE;
    ValueInfo output = EmbeddingOutput.of(model.graph(), wantsTokens);
    boolean tokens = EmbeddingOutput.rank(output) == 3;
    Pooling pooling = pooling(output, tokens, asked.pooling(), found.pooling());
    Boolean normalize = asked.or(found).normalize();
    boolean unit = normalize == null ? tokens : normalize;
    EmbeddingGraph graph = new EmbeddingGraph(model);
    OnnxModel complete =
        tokens ? graph.pooled(output, pooling, unit) : graph.unpooled(output, unit);
    complete.check();
    int maxLength = maxLength(model, asked.maxLength(), found.maxLength());
    return new TextModel(complete, inputs, dimension(complete), maxLength, pooling);
  }

  private static Pooling pooling(
      ValueInfo output, boolean tokens, @Nullable Pooling asked, @Nullable Pooling found) {
    if (asked != null && tokens == (asked == Pooling.NONE)) {
      throw FlowException.invalid(
          "pooling: %s for output %s (expected: %s)"
              .formatted(asked, output, tokens ? "mean, cls or max" : "none"));
    }
    if (!tokens) {
      return Pooling.NONE;
    }
    return asked != null ? asked : found != null ? found : Pooling.MEAN;
  }

  private static Map<String, ElementType> inputs(OnnxModel model) {
    Map<String, ElementType> inputs = new LinkedHashMap<>();
    for (ValueInfo input : model.graph().inputs()) {
      ElementType type = input.elementType().orElseThrow();
      boolean known = INPUTS.contains(input.name());
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

  private static int maxLength(OnnxModel model, @Nullable Integer asked, @Nullable Integer found) {
    int positions = PositionTable.size(model.graph().initializers().values());
    if (asked != null && asked > positions) {
      throw FlowException.invalid(
          "max_length: %d (expected: 3..%d, the model's position table)"
              .formatted(asked, positions));
    }
    if (asked != null) {
      return asked;
    }
    return Math.min(found != null ? found : ImportOptions.DEFAULT_MAX_LENGTH, positions);
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
