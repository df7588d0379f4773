package io.attune.trainer.graph.op;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.attune.onnx.Dimension;
import io.attune.onnx.ElementType;
import io.attune.onnx.Node;
import io.attune.onnx.NodeBuilder;
import io.attune.onnx.OnnxModel;
import io.attune.onnx.Tensor;
import io.attune.onnx.ValueInfo;
import io.attune.onnx.proto.GraphProto;
import io.attune.onnx.proto.ModelProto;
import io.attune.onnx.proto.OperatorSetIdProto;
import io.attune.trainer.testing.OnnxRuntime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// One node with its inputs: run by ONNX Runtime, and as our operation.
///
/// @param inputs the values, empty where one is left out
record OneNode(Node node, long opset, List<Optional<Tensor>> inputs) {
  /// A node with one output.
  static OneNode of(NodeBuilder node, long opset, @Nullable Tensor... inputs) {
    return of(node, opset, 1, inputs);
  }

  /// A node with outputs `o0`, `o1`, ….
  static OneNode of(NodeBuilder node, long opset, int outputs, @Nullable Tensor... inputs) {
    List<Optional<Tensor>> named = new ArrayList<>();
    for (int i = 0; i < inputs.length; i++) {
      @Nullable Tensor input = inputs[i];
      node.inputs(input == null ? "" : "i" + i);
      named.add(input == null ? Optional.empty() : Optional.of(input.named("i" + i)));
    }
    for (int i = 0; i < outputs; i++) {
      node.outputs("o" + i);
    }
    return new OneNode(node.build(), opset, named);
  }

  List<Tensor> onnxRuntime() {
    GraphProto.Builder graph = GraphProto.newBuilder().setName("one").addNode(node.proto());
    List<Tensor> given = inputs.stream().flatMap(Optional::stream).toList();
    for (Tensor tensor : given) {
      Dimension[] shape =
          Arrays.stream(tensor.dims()).mapToObj(Dimension::of).toArray(Dimension[]::new);
      graph.addInput(ValueInfo.tensor(tensor.name(), tensor.type(), shape).proto());
    }
    for (String output : node.outputs()) {
      graph.addOutputBuilder().setName(output);
    }
    ModelProto model =
        ModelProto.newBuilder()
            .setIrVersion(8)
            .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(opset))
            .setGraph(graph)
            .build();
    Map<String, Tensor> outputs = OnnxRuntime.run(OnnxModel.of(model), given);
    return node.outputs().stream().map(o -> Objects.requireNonNull(outputs.get(o))).toList();
  }

  /// The operation's answer.
  ///
  /// @param values of [#values]
  List<Value> run(NDManager manager, @Nullable Value... values) {
    Operation operation = Operations.standard().of(node).orElseThrow().bind(node, opset);
    return operation.apply(new Arguments(values, manager, false));
  }

  /// The same, with what it made on the way.
  ///
  /// @param made takes the arrays that are to be closed once it is done
  @SuppressWarnings("ReferenceEquality") // arrays are told apart by identity
  List<Value> run(NDManager manager, List<NDArray> made, @Nullable Value... values) {
    Operation operation = Operations.standard().of(node).orElseThrow().bind(node, opset);
    Arguments arguments = new Arguments(values, manager, false);
    List<Value> outputs = operation.apply(arguments);
    for (NDArray temporary : arguments.temporaries()) {
      boolean kept = false;
      for (Value output : outputs) {
        kept |= output instanceof Value.Array(NDArray array) && array == temporary;
      }
      for (@Nullable Value value : values) {
        kept |= value instanceof Value.Array(NDArray array) && array == temporary;
      }
      if (!kept) {
        made.add(temporary);
      }
    }
    return outputs;
  }

  /// The inputs as an operation takes them.
  ///
  /// @param whole whether whole numbers of rank 0 and 1 stay in Java
  /// @param floats the type of floats
  @Nullable Value[] values(NDManager manager, boolean whole, DataType floats) {
    @Nullable Value[] values = new Value[inputs.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = inputs.get(i).map(t -> value(manager, t, whole, floats)).orElse(null);
    }
    return values;
  }

  private static Value value(NDManager manager, Tensor tensor, boolean whole, DataType floats) {
    long[] dims = tensor.dims();
    if (tensor.type() == ElementType.FLOAT) {
      NDArray array = manager.create(tensor.toFloats(), new Shape(dims));
      return Value.of(array.toType(floats, false));
    }
    if (whole && dims.length <= 1) {
      return new Value.Whole(dims.length == 1, tensor.toLongs());
    }
    DataType type = tensor.type() == ElementType.BOOL ? DataType.BOOLEAN : DataType.INT64;
    return Value.of(manager.create(tensor.toLongs(), new Shape(dims)).toType(type, false));
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("opset " + opset + " " + node.proto());
    for (Optional<Tensor> input : inputs) {
      text.append('\n').append(input.map(OneNode::text).orElse("left out"));
    }
    return text.toString();
  }

  static String text(Tensor tensor) {
    boolean floats = tensor.type() == ElementType.FLOAT;
    String values = floats ? Arrays.toString(tensor.toFloats()) : Arrays.toString(tensor.toLongs());
    return tensor + " " + values;
  }
}
