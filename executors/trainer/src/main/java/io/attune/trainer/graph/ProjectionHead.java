package io.attune.trainer.graph;

import io.attune.models.Artifact;
import io.attune.onnx.Dimension;
import io.attune.onnx.ElementType;
import io.attune.onnx.InvalidModelException;
import io.attune.onnx.ModelEdit;
import io.attune.onnx.Node;
import io.attune.onnx.OnnxModel;
import io.attune.onnx.Tensor;
import io.attune.onnx.ValueInfo;
import io.attune.runtime.FlowException;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/// Attaches a linear projection to a model that gives embeddings. Where the model ends with
/// normalisation to length 1, the projection goes before it, so that embeddings keep length 1.
public final class ProjectionHead {
  private ProjectionHead() {}

  /// The model with `projection.weight` and `projection.bias`, drawn as PyTorch draws a linear
  /// layer's: uniformly within `1/sqrt(inputs)`.
  ///
  /// @param model its output is `embedding` [batch, dimension]
  /// @param outputs the length of the new embeddings, 1..4096
  /// @param seed of the draw
  /// @return the model and what was changed
  public static TunedModel attach(OnnxModel model, int outputs, long seed) {
    if (outputs < 1 || outputs > Artifact.MAX_DIMENSION) {
      throw FlowException.invalid(
          "output_dim: %d (expected: 1..%d)".formatted(outputs, Artifact.MAX_DIMENSION));
    }
    ValueInfo embedding = embedding(model);
    int inputs = width(embedding);
    ModelEdit edit = model.edit();
    String vector = "projection/input";
    while (edit.taken(vector)) {
      vector += "_";
    }
    String weight = edit.freshName("projection.weight");
    String bias = edit.freshName("projection.bias");
    String target = unnormalised(model).orElse(Artifact.OUTPUT);
    edit.renameValue(target, vector);
    SplittableRandom random = new SplittableRandom(seed);
    edit.addInitializer(drawn(weight, new long[] {inputs, outputs}, inputs, random));
    edit.addInitializer(drawn(bias, new long[] {outputs}, inputs, random));
    List<Node> readers =
        target.equals(Artifact.OUTPUT) ? List.of() : model.graph().consumers(target);
    for (Node reader : readers) {
      edit.replaceInput(reader.index(), vector, target);
    }
    edit.insert(
        readers.stream().mapToInt(Node::index).min().orElse(model.graph().nodes().size()),
        Node.op("Gemm")
            .name(edit.freshName("/projection/Gemm"))
            .inputs(vector, weight, bias)
            .outputs(target)
            .build());
    edit.outputs(
        ValueInfo.tensor(
            Artifact.OUTPUT, ElementType.FLOAT, Dimension.of("batch"), Dimension.of(outputs)));
    return new TunedModel(edit.build(), edit.edits());
  }

  private static ValueInfo embedding(OnnxModel model) {
    return model
        .graph()
        .output(Artifact.OUTPUT)
        .orElseThrow(() ->
            new InvalidModelException(
                "outputs: %s (expected: %s among them)"
                    .formatted(model.graph().outputs(), Artifact.OUTPUT)));
  }

  private static int width(ValueInfo embedding) {
    Optional<Dimension> last = embedding.shape().filter(s -> s.size() == 2).map(List::getLast);
    if (last.isPresent() && last.get() instanceof Dimension.Fixed(long size)) {
      return Math.toIntExact(size);
    }
    throw new InvalidModelException(
        "output %s (expected: [batch, dimension], the dimension a number)".formatted(embedding));
  }

  /// What the normalisation at the end, as our imports attach it, reads.
  private static Optional<String> unnormalised(OnnxModel model) {
    Optional<Node> last =
        model.graph().producer(Artifact.OUTPUT).filter(node -> node.is("Identity"));
    Optional<Node> division =
        last.flatMap(node -> model.graph().producer(node.input(0))).filter(n -> n.is("Div"));
    Optional<Node> norm =
        division
            .flatMap(node -> model.graph().producer(node.input(1)))
            .map(
                node -> node.is("Clip") ? model.graph().producer(node.input(0)).orElse(node) : node)
            .filter(node -> node.is("ReduceL2"));
    return norm.isPresent() && norm.get().input(0).equals(division.orElseThrow().input(0))
        ? Optional.of(norm.get().input(0))
        : Optional.empty();
  }

  private static Tensor drawn(String name, long[] dims, int inputs, SplittableRandom random) {
    int count = 1;
    for (long dim : dims) {
      count = Math.toIntExact(count * dim);
    }
    float bound = (float) (1 / Math.sqrt(inputs));
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (random.nextFloat() * 2 - 1) * bound;
    }
    return Tensor.floats(name, dims, values);
  }
}
