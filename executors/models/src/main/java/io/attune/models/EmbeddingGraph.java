package io.attune.models;

import io.attune.onnx.Dimension;
import io.attune.onnx.ElementType;
import io.attune.onnx.InvalidModelException;
import io.attune.onnx.ModelEdit;
import io.attune.onnx.Node;
import io.attune.onnx.NodeBuilder;
import io.attune.onnx.OnnxModel;
import io.attune.onnx.Tensor;
import io.attune.onnx.ValueInfo;
import java.util.List;

/// Appends pooling over the tokens and L2 normalisation to a graph, so that its one output is
/// `embedding [batch, dimension]`. Only operators that the model's own opset has are used: before
/// 13 (`ReduceSum`, `Unsqueeze`) or 18 (`ReduceMax`, `ReduceL2`) axes are attributes, after it
/// inputs.
final class EmbeddingGraph {
  private static final String MASK = "attention_mask";

  private final OnnxModel model;
  private final ModelEdit edit;
  private final long opset;

  EmbeddingGraph(OnnxModel model) {
    this.model = model;
    edit = model.edit();
    opset = model.opset();
  }

  /// The graph's edits so far, one line each.
  List<String> edits() {
    return edit.edits();
  }

  /// Pools token vectors `[batch, sequence, dimension]` and ends the graph there.
  OnnxModel pooled(ValueInfo tokens, Pooling pooling, boolean normalize) {
    String name = freed(tokens.name());
    String hidden = asFloat(name, tokens.elementType().orElse(ElementType.FLOAT));
    String vector =
        switch (pooling) {
          case MEAN -> mean(hidden);
          case CLS -> cls(hidden);
          case MAX -> max(hidden);
          case NONE -> throw new IllegalArgumentException("pooling none has nothing to append");
        };
    return ended(vector, lastDimension(tokens), normalize);
  }

  /// Takes one vector to a row `[batch, dimension]` as the graph's one output.
  OnnxModel unpooled(ValueInfo vectors, boolean normalize) {
    boolean asIs =
        !normalize
            && vectors.name().equals(Artifact.OUTPUT)
            && vectors.elementType().orElse(ElementType.FLOAT) == ElementType.FLOAT;
    if (asIs && model.graph().outputs().size() == 1) {
      return model;
    }
    if (asIs) {
      return edit.outputs(vectors).build();
    }
    String name = freed(vectors.name());
    String floats = asFloat(name, vectors.elementType().orElse(ElementType.FLOAT));
    return ended(floats, lastDimension(vectors), normalize);
  }

  /// Frees the name of the artifact's output, which exporters give to inner values too.
  ///
  /// @return what the value that the embedding is made of is called now
  private String freed(String value) {
    if (!edit.taken(Artifact.OUTPUT)) {
      return value;
    }
    String other = "attune/inner_embedding";
    while (edit.taken(other)) {
      other += "_";
    }
    edit.renameValue(Artifact.OUTPUT, other);
    return value.equals(Artifact.OUTPUT) ? other : value;
  }

  private OnnxModel ended(String vector, Dimension dimension, boolean normalize) {
    String result = normalize ? normalized(vector) : vector;
    edit.append(
        Node.op("Identity")
            .name(edit.freshName("attune/embedding"))
            .inputs(result)
            .outputs(Artifact.OUTPUT)
            .build());
    return edit.outputs(
            ValueInfo.tensor(Artifact.OUTPUT, ElementType.FLOAT, Dimension.of("batch"), dimension))
        .build();
  }

  private String mean(String hidden) {
    String mask = mask();
    String masked = add(Node.op("Mul").inputs(hidden, unsqueezed(mask)), "attune/pool/masked");
    String sum = reduce("ReduceSum", masked, 13, false, "attune/pool/sum");
    String count = reduce("ReduceSum", mask, 13, true, "attune/pool/count");
    String divisor = atLeast(count, 1e-9f, "attune/pool/count_min");
    return add(Node.op("Div").inputs(sum, divisor), "attune/pool/mean");
  }

  private String cls(String hidden) {
    String zero = constant("attune/pool/first", Tensor.longs("", new long[0], 0));
    return add(Node.op("Gather").inputs(hidden, zero).attribute("axis", 1), "attune/pool/cls");
  }

  /// Padding is pushed out of reach by a penalty instead of being selected away: `Where` came with
  /// opset 9. Adding 0 changes no real token.
  private String max(String hidden) {
    String one = constant("attune/pool/one", Tensor.floats("", new long[0], 1));
    String far = constant("attune/pool/far", Tensor.floats("", new long[0], 1e30f));
    String less = add(Node.op("Sub").inputs(unsqueezed(mask()), one), "attune/pool/padding");
    String penalty = add(Node.op("Mul").inputs(less, far), "attune/pool/penalty");
    String open = add(Node.op("Add").inputs(hidden, penalty), "attune/pool/open");
    return reduce("ReduceMax", open, 18, false, "attune/pool/max");
  }

  private String normalized(String vector) {
    String norm = reduce("ReduceL2", vector, 18, true, "attune/norm/l2");
    String divisor = atLeast(norm, 1e-12f, "attune/norm/l2_min");
    return add(Node.op("Div").inputs(vector, divisor), "attune/norm/unit");
  }

  private String mask() {
    if (model.graph().input(MASK).isEmpty()) {
      throw new InvalidModelException(
          "inputs: %s (expected: attention_mask among them, to pool over)"
              .formatted(model.graph().inputs()));
    }
    return add(
        Node.op("Cast").inputs(MASK).attribute("to", ElementType.FLOAT.number()),
        "attune/pool/mask");
  }

  private String unsqueezed(String mask) {
    NodeBuilder node = Node.op("Unsqueeze");
    if (opset < 13) {
      node.inputs(mask).attribute("axes", new long[] {2});
    } else {
      node.inputs(mask, constant("attune/pool/last_axis", Tensor.longs("", new long[] {1}, 2)));
    }
    return add(node, "attune/pool/mask_column");
  }

  private String reduce(String op, String input, long axesAsInput, boolean keep, String name) {
    NodeBuilder node = Node.op(op);
    if (opset < axesAsInput) {
      node.inputs(input).attribute("axes", new long[] {1});
    } else {
      node.inputs(input, constant(name + "_axes", Tensor.longs("", new long[] {1}, 1)));
    }
    return add(node.attribute("keepdims", keep ? 1 : 0), name);
  }

  private String atLeast(String input, float least, String name) {
    NodeBuilder node = Node.op("Clip");
    if (opset < 11) {
      node.inputs(input).attribute("min", least).attribute("max", Float.MAX_VALUE);
    } else {
      node.inputs(input, constant(name + "_value", Tensor.floats("", new long[0], least)));
    }
    return add(node, name);
  }

  private String asFloat(String value, ElementType type) {
    if (type == ElementType.FLOAT) {
      return value;
    }
    if (!type.floating()) {
      throw new InvalidModelException(
          "output \"%s\": %s (expected: floating point)".formatted(value, type));
    }
    return add(
        Node.op("Cast").inputs(value).attribute("to", ElementType.FLOAT.number()), "attune/float");
  }

  private String constant(String wish, Tensor value) {
    String name = edit.freshName(wish);
    edit.addInitializer(value.named(name));
    return name;
  }

  private String add(NodeBuilder node, String wish) {
    String name = edit.freshName(wish);
    edit.append(node.name(name).outputs(name).build());
    return name;
  }

  private static Dimension lastDimension(ValueInfo value) {
    return value
        .shape()
        .filter(shape -> !shape.isEmpty())
        .map(List::getLast)
        .orElse(new Dimension.Unknown());
  }
}
