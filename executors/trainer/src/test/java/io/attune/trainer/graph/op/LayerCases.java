package io.attune.trainer.graph.op;

import io.attune.onnx.ElementType;
import io.attune.onnx.Node;
import io.attune.onnx.NodeBuilder;
import io.attune.onnx.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Random nodes of the operators that are a layer: activations, normalisations, Dropout, LSTM.
final class LayerCases {
  private final Map<String, Function<RandomTensors, OneNode>> cases = new LinkedHashMap<>();

  private LayerCases() {}

  static Map<String, Function<RandomTensors, OneNode>> all() {
    LayerCases all = new LayerCases();
    all.activations();
    all.recurrent();
    return all.cases;
  }

  private void activations() {
    for (String op : List.of("Relu", "Sigmoid", "Tanh", "Softplus", "Softsign", "HardSwish")) {
      cases.put(op, r -> OneNode.of(Node.op(op), 14, r.floats(r.shape(0, 4))));
    }
    cases.put("Mish", r -> OneNode.of(Node.op("Mish"), 18, r.floats(r.shape(0, 4))));
    for (String op : List.of("Elu", "LeakyRelu", "HardSigmoid")) {
      cases.put(
          op,
          r ->
              OneNode.of(
                  r.coin() ? Node.op(op) : Node.op(op).attribute("alpha", .3f),
                  13,
                  r.floats(r.shape(0, 3))));
    }
    cases.put(
        "Gelu",
        r ->
            OneNode.of(
                Node.op("Gelu").attribute("approximate", r.oneOf(List.of("none", "tanh"))),
                20,
                r.floats(r.shape(0, 3))));
    for (String op : List.of("Softmax", "LogSoftmax")) {
      for (int opset : new int[] {11, 13}) {
        cases.put(op + " " + opset, r -> softmax(r, op, opset));
      }
    }
    cases.put("LayerNormalization", LayerCases::layerNormalization);
    for (int opset : new int[] {11, 13, 15}) {
      cases.put("BatchNormalization " + opset, r -> batchNormalization(r, opset));
      cases.put("Dropout " + opset, r -> dropout(r, opset));
    }
  }

  private static OneNode softmax(RandomTensors r, String op, int opset) {
    long[] shape = r.shape(2, 4);
    NodeBuilder node = Node.op(op);
    return OneNode.of(
        r.coin() ? node : node.attribute("axis", r.axis(shape)), opset, r.floats(shape));
  }

  private static OneNode layerNormalization(RandomTensors r) {
    long[] shape = r.fullShape(2, 4);
    shape[0] = r.size();
    shape[shape.length - 1] = 5;
    int from = r.between(1, shape.length - 1);
    long[] scale = Arrays.copyOfRange(shape, r.coin() ? from : shape.length - 1, shape.length);
    NodeBuilder node =
        Node.op("LayerNormalization").attribute("axis", r.coin() ? from : from - shape.length);
    node = r.coin() ? node : node.attribute("epsilon", .1f);
    Tensor input = r.floats(shape);
    return r.coin()
        ? OneNode.of(node, 17, 3, input, r.floats(scale), r.floats(scale))
        : OneNode.of(node, 17, 1, input, r.floats(scale));
  }

  private static OneNode batchNormalization(RandomTensors r, int opset) {
    long[] shape = r.fullShape(2, 4);
    shape[0] = r.size();
    long channels = shape[1];
    NodeBuilder node = Node.op("BatchNormalization");
    node = r.coin() ? node : node.attribute("epsilon", .1f);
    return OneNode.of(
        node,
        opset,
        r.floats(shape),
        r.floats(channels),
        r.floats(channels),
        r.floats(channels),
        r.positive(channels));
  }

  /// Inactive: how it trains is another test's.
  private static OneNode dropout(RandomTensors r, int opset) {
    Tensor input = r.floats(r.shape(0, 3));
    if (opset < 12) { // ONNX Runtime's mask of that time is all false
      return OneNode.of(Node.op("Dropout").attribute("ratio", .3f), opset, input);
    }
    int outputs = r.between(1, 2);
    @Nullable Tensor ratio = r.coin() ? null : Tensor.floats("", new long[0], .3f);
    return OneNode.of(Node.op("Dropout"), opset, outputs, input, ratio);
  }

  private void recurrent() {
    for (String direction : List.of("forward", "reverse", "bidirectional")) {
      cases.put("LSTM " + direction, r -> lstm(r, direction));
    }
  }

  private static OneNode lstm(RandomTensors r, String direction) {
    long directions = direction.equals("bidirectional") ? 2 : 1;
    int steps = r.between(1, 5);
    long batch = r.between(1, 4); // of 0, ONNX Runtime ends the process
    long size = r.between(1, 3);
    long hidden = r.between(1, 3);
    NodeBuilder node =
        Node.op("LSTM").attribute("direction", direction).attribute("hidden_size", hidden);
    @Nullable Tensor bias = r.coin() ? null : r.floats(directions, 8 * hidden);
    @Nullable Tensor lengths = r.coin() ? null : int32(r.longs(r.between(0, 1), steps, batch));
    @Nullable Tensor state = r.coin() ? null : r.floats(directions, batch, hidden);
    @Nullable Tensor memory = r.coin() ? null : r.floats(directions, batch, hidden);
    return OneNode.of(
        node,
        14,
        3,
        r.floats(steps, batch, size),
        r.floats(directions, 4 * hidden, size),
        r.floats(directions, 4 * hidden, hidden),
        bias,
        lengths,
        state,
        memory);
  }

  private static Tensor int32(Tensor tensor) {
    ByteBuffer bytes =
        ByteBuffer.allocate((int) tensor.elements() * 4).order(ByteOrder.LITTLE_ENDIAN);
    for (long value : tensor.toLongs()) {
      bytes.putInt((int) value);
    }
    return Tensor.raw("", ElementType.INT32, tensor.dims(), bytes.flip());
  }
}
