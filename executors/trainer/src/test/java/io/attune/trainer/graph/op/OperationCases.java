package io.attune.trainer.graph.op;

import static io.attune.trainer.graph.op.RandomTensors.scalar;
import static io.attune.trainer.graph.op.RandomTensors.vector;

import io.attune.onnx.ElementType;
import io.attune.onnx.Node;
import io.attune.onnx.NodeBuilder;
import io.attune.onnx.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/// For each operator a source of random nodes of it.
final class OperationCases {
  private final Map<String, Function<RandomTensors, OneNode>> cases = new LinkedHashMap<>();

  private OperationCases() {}

  static Map<String, Function<RandomTensors, OneNode>> all() {
    OperationCases all = new OperationCases();
    all.unary();
    all.activations();
    all.comparisons();
    all.arithmetic();
    all.filling();
    all.views();
    all.indexing();
    all.reductions();
    all.products();
    all.recurrent();
    return all.cases;
  }

  private void unary() {
    for (String op : List.of("Abs", "Neg", "Sign", "Identity")) {
      cases.put(op, r -> OneNode.of(Node.op(op), 13, r.numbers(r.coin(), r.shape(0, 4))));
    }
    for (String op : List.of("Exp", "Sin", "Cos", "Floor", "Ceil", "Round", "Erf")) {
      cases.put(op, r -> OneNode.of(Node.op(op), 13, r.floats(r.shape(0, 4))));
    }
    for (String op : List.of("Log", "Sqrt", "Reciprocal")) {
      cases.put(op, r -> OneNode.of(Node.op(op), 13, r.positive(r.shape(0, 4))));
    }
    cases.put("IsNaN", r -> OneNode.of(Node.op("IsNaN"), 13, r.odd(r.shape(0, 3))));
    cases.put("Cast", OperationCases::cast);
    cases.put("Clip", OperationCases::clip);
  }

  private static OneNode cast(RandomTensors r) {
    long[] shape = r.shape(0, 3);
    Tensor input = r.oneOf(List.of(r.floats(shape), r.longs(-3, 3, shape), r.bools(shape)));
    ElementType to = r.oneOf(List.of(ElementType.FLOAT, ElementType.INT64, ElementType.BOOL));
    return OneNode.of(Node.op("Cast").attribute("to", to.number()), 13, input);
  }

  private static OneNode clip(RandomTensors r) {
    @Nullable Tensor low = r.coin() ? Tensor.floats("", new long[0], -.5f) : null;
    @Nullable Tensor high = r.coin() ? Tensor.floats("", new long[0], .7f) : null;
    return OneNode.of(
        Node.op("Clip"), r.oneOf(List.of(11, 13)), r.floats(r.shape(0, 3)), low, high);
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
    cases.put("LayerNormalization", OperationCases::layerNormalization);
    for (int opset : new int[] {11, 13, 15}) {
      cases.put("BatchNormalization " + opset, r -> batchNormalization(r, opset));
      cases.put("Dropout " + opset, r -> dropout(r, opset));
    }
  }

  private static OneNode softmax(RandomTensors r, String op, int opset) {
    long[] shape = r.fullShape(2, 4);
    NodeBuilder node = Node.op(op);
    return OneNode.of(
        r.coin() ? node : node.attribute("axis", r.axis(shape)), opset, r.floats(shape));
  }

  private static OneNode layerNormalization(RandomTensors r) {
    long[] shape = r.fullShape(2, 4);
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

  private void comparisons() {
    for (String op : List.of("Equal", "Less", "LessOrEqual", "Greater", "GreaterOrEqual")) {
      cases.put(op, r -> pair(r, op, 16, (whole, shape) -> r.numbers(whole, shape)));
    }
    cases.put("Equal bool", r -> pair(r, "Equal", 13, (_, shape) -> r.bools(shape)));
    for (String op : List.of("And", "Or", "Xor")) {
      cases.put(op, r -> pair(r, op, 13, (_, shape) -> r.bools(shape)));
    }
    cases.put("Not", r -> OneNode.of(Node.op("Not"), 13, r.bools(r.shape(0, 3))));
    cases.put(
        "Where",
        r -> {
          long[] shape = r.shape(0, 3);
          boolean whole = r.coin();
          Tensor left = r.numbers(whole, r.broadcastable(shape));
          Tensor right = r.numbers(whole, shape);
          return OneNode.of(Node.op("Where"), 16, r.bools(r.broadcastable(shape)), left, right);
        });
  }

  /// Two operands, either of which broadcasts to the other.
  private static OneNode pair(
      RandomTensors r, String op, int opset, BiFunction<Boolean, long[], Tensor> tensors) {
    long[] shape = r.shape(0, 4);
    boolean whole = r.coin();
    Tensor left = tensors.apply(whole, shape);
    Tensor right = tensors.apply(whole, r.broadcastable(shape));
    return r.coin()
        ? OneNode.of(Node.op(op), opset, left, right)
        : OneNode.of(Node.op(op), opset, right, left);
  }

  private void arithmetic() {
    for (String op : List.of("Add", "Sub", "Mul")) {
      cases.put(op, r -> pair(r, op, 14, (whole, shape) -> r.numbers(whole, shape)));
    }
    cases.put(
        "Div", r -> pair(r, "Div", 14, (w, shape) -> w ? r.divisors(shape) : r.positive(shape)));
    cases.put("Pow", r -> pair(r, "Pow", 15, (_, shape) -> r.positive(shape)));
    cases.put("Mod", r -> pair(r, "Mod", 13, (_, shape) -> r.divisors(shape)));
    cases.put("Mod fmod", OperationCases::mod);
    for (String op : List.of("Min", "Max")) {
      cases.put(op, r -> fold(r, op, r.coin()));
    }
    for (String op : List.of("Sum", "Mean")) {
      cases.put(op, r -> fold(r, op, false));
    }
  }

  private static OneNode mod(RandomTensors r) {
    long[] shape = r.shape(0, 3);
    NodeBuilder node = Node.op("Mod").attribute("fmod", 1);
    return r.coin()
        ? OneNode.of(node, 13, r.divisors(shape), r.divisors(r.broadcastable(shape)))
        : OneNode.of(node, 13, r.floats(shape), r.positive(r.broadcastable(shape)));
  }

  private static OneNode fold(RandomTensors r, String op, boolean whole) {
    long[] shape = r.shape(0, 3);
    Tensor[] inputs = new Tensor[r.between(1, 4)];
    Arrays.setAll(inputs, i -> r.numbers(whole, i == 0 ? shape : r.broadcastable(shape)));
    return OneNode.of(Node.op(op), 13, inputs);
  }

  private void filling() {
    cases.put("ConstantOfShape", OperationCases::constantOfShape);
    cases.put(
        "Range",
        r -> {
          long start = r.between(-5, 5);
          long step = r.coin() ? r.between(1, 3) : -r.between(1, 3);
          long end = start + step * r.between(-1, 4) + r.between(-1, 1);
          return r.coin()
              ? OneNode.of(Node.op("Range"), 13, scalar(start), scalar(end), scalar(step))
              : OneNode.of(Node.op("Range"), 13, half(start), half(end), half(step));
        });
    cases.put(
        "Expand",
        r -> {
          long[] shape = r.shape(0, 3);
          boolean input = r.coin();
          long[] own = input ? shape : r.broadcastable(shape);
          long[] wanted = input ? r.broadcastable(shape) : shape;
          return OneNode.of(Node.op("Expand"), 13, r.numbers(r.coin(), own), vector(wanted));
        });
    cases.put(
        "Tile",
        r -> {
          long[] shape = r.fullShape(1, 3);
          Tensor repeats = r.longs(1, 3, shape.length);
          return OneNode.of(Node.op("Tile"), 13, r.numbers(r.coin(), shape), repeats);
        });
    cases.put(
        "CumSum",
        r -> {
          long[] shape = r.fullShape(1, 3);
          NodeBuilder node = Node.op("CumSum").attribute("exclusive", r.between(0, 1));
          node.attribute("reverse", r.between(0, 1));
          return OneNode.of(node, 14, r.numbers(r.coin(), shape), scalar(r.axis(shape)));
        });
    cases.put(
        "Trilu",
        r -> {
          NodeBuilder node = Node.op("Trilu").attribute("upper", r.between(0, 1));
          Tensor input = r.numbers(r.coin(), r.fullShape(2, 4));
          return r.coin()
              ? OneNode.of(node, 14, input)
              : OneNode.of(node, 14, input, scalar(r.between(-3, 3)));
        });
  }

  private static Tensor half(long value) {
    return Tensor.floats("", new long[0], value / 2f);
  }

  private static OneNode constantOfShape(RandomTensors r) {
    NodeBuilder node = Node.op("ConstantOfShape");
    Tensor value =
        r.oneOf(
            List.of(
                r.floats(1), r.longs(-3, 3, 1), r.bools(1), Tensor.floats("", new long[] {1}, 0)));
    return OneNode.of(
        r.coin() ? node : node.attribute("value", value), 13, r.longs(0, 3, r.between(0, 3)));
  }

  private void views() {
    for (int opset : new int[] {11, 13}) {
      cases.put("Squeeze " + opset, r -> squeeze(r, opset));
      cases.put("Unsqueeze " + opset, r -> unsqueeze(r, opset));
    }
    for (int opset : new int[] {11, 13, 18}) {
      cases.put("Split " + opset, r -> split(r, opset));
    }
    cases.put(
        "Flatten",
        r -> {
          long[] shape = r.shape(1, 4);
          long axis = r.between(-shape.length, shape.length);
          return OneNode.of(Node.op("Flatten").attribute("axis", axis), 13, r.floats(shape));
        });
    cases.put("Size", r -> OneNode.of(Node.op("Size"), 13, r.floats(r.shape(0, 4))));
    cases.put(
        "Shape",
        r -> {
          NodeBuilder node = Node.op("Shape");
          node = r.coin() ? node.attribute("start", r.between(-2, 2)) : node;
          node = r.coin() ? node.attribute("end", r.between(-2, 4)) : node;
          return OneNode.of(node, 15, r.floats(r.shape(0, 4)));
        });
    cases.put("Reshape", OperationCases::reshape);
    cases.put(
        "Transpose",
        r -> {
          long[] shape = r.shape(0, 4);
          NodeBuilder node = Node.op("Transpose");
          Tensor input = r.numbers(r.coin(), shape);
          return OneNode.of(
              r.coin() ? node : node.attribute("perm", permutation(r, shape.length)), 13, input);
        });
    cases.put("Concat", OperationCases::concat);
  }

  private static long[] permutation(RandomTensors r, int rank) {
    List<Long> order = new ArrayList<>(LongStream.range(0, rank).boxed().toList());
    Collections.shuffle(order, new Random(r.between(0, 1000)));
    return order.stream().mapToLong(Long::longValue).toArray();
  }

  private static OneNode squeeze(RandomTensors r, int opset) {
    long[] shape = r.fullShape(1, 4);
    for (int i = 0; i < shape.length; i++) {
      shape[i] = r.coin() ? 1 : shape[i];
    }
    long[] ones =
        IntStream.range(0, shape.length).filter(i -> shape[i] == 1).mapToLong(i -> i).toArray();
    long[] axes = Arrays.copyOf(ones, r.between(Math.min(1, ones.length), ones.length));
    for (int i = 0; i < axes.length; i++) {
      axes[i] = r.coin() ? axes[i] : axes[i] - shape.length;
    }
    Tensor input = r.numbers(r.coin(), shape);
    NodeBuilder node = Node.op("Squeeze");
    if (axes.length == 0) {
      return OneNode.of(node, opset, input);
    }
    return opset < 13
        ? OneNode.of(node.attribute("axes", axes), opset, input)
        : OneNode.of(node, opset, input, vector(axes));
  }

  private static OneNode unsqueeze(RandomTensors r, int opset) {
    long[] shape = r.shape(0, 3);
    int added = r.between(1, 2);
    int rank = shape.length + added;
    long[] axes = new long[added];
    axes[0] = r.between(0, rank - 1);
    if (added == 2) {
      axes[1] = (axes[0] + r.between(1, rank - 1)) % rank;
      axes[1] = r.coin() ? axes[1] : axes[1] - rank;
    }
    Tensor input = r.numbers(r.coin(), shape);
    NodeBuilder node = Node.op("Unsqueeze");
    return opset < 13
        ? OneNode.of(node.attribute("axes", axes), opset, input)
        : OneNode.of(node, opset, input, vector(axes));
  }

  private static OneNode split(RandomTensors r, int opset) {
    long[] shape = r.fullShape(1, 3);
    long axis = r.axis(shape);
    int along = Math.floorMod((int) axis, shape.length);
    NodeBuilder node = Node.op("Split").attribute("axis", axis);
    if (r.coin()) {
      int parts = r.between(1, 3);
      shape[along] = 2L * parts + (opset == 18 && parts == 3 ? -1 : 0);
      node = opset == 18 ? node.attribute("num_outputs", parts) : node;
      return OneNode.of(node, opset, parts, r.numbers(r.coin(), shape));
    }
    long[] sizes = {1, 2, r.between(0, 2)};
    shape[along] = Arrays.stream(sizes).sum();
    Tensor input = r.numbers(r.coin(), shape);
    return opset < 13
        ? OneNode.of(node.attribute("split", sizes), opset, 3, input)
        : OneNode.of(node, opset, 3, input, vector(sizes));
  }

  private static OneNode reshape(RandomTensors r) {
    long[] shape = r.fullShape(1, 4);
    int count = RandomTensors.count(shape);
    long[] target =
        r.oneOf(
            List.of(
                new long[] {-1},
                new long[] {0, -1},
                new long[] {1, count, 1},
                new long[] {-1, shape[shape.length - 1]},
                shape));
    return OneNode.of(Node.op("Reshape"), 14, r.numbers(r.coin(), shape), vector(target));
  }

  private static OneNode concat(RandomTensors r) {
    long[] shape = r.fullShape(1, 3);
    long axis = r.axis(shape);
    boolean whole = r.coin();
    Tensor[] parts = new Tensor[r.between(1, 3)];
    for (int i = 0; i < parts.length; i++) {
      long[] part = shape.clone();
      part[Math.floorMod((int) axis, part.length)] = r.between(0, 3);
      parts[i] = r.numbers(whole, part);
    }
    return OneNode.of(Node.op("Concat").attribute("axis", axis), 13, parts);
  }

  private void indexing() {
    cases.put(
        "Gather",
        r -> {
          long[] shape = r.fullShape(1, 3);
          long axis = r.axis(shape);
          int size = (int) shape[Math.floorMod((int) axis, shape.length)];
          Tensor indices = r.longs(-size, size - 1, r.shape(0, 2));
          return OneNode.of(
              Node.op("Gather").attribute("axis", axis), 13, r.numbers(r.coin(), shape), indices);
        });
    cases.put("Slice", OperationCases::slice);
  }

  private static OneNode slice(RandomTensors r) {
    long[] shape = r.fullShape(1, 3);
    int count = r.between(1, shape.length);
    long[] axes = Arrays.copyOf(permutation(r, shape.length), count);
    Tensor starts = r.longs(-6, 6, count);
    Tensor ends = r.longs(-6, 6, count);
    long[] steps = new long[count];
    Arrays.setAll(steps, _ -> r.coin() ? 1 : r.coin() ? r.between(1, 3) : -r.between(1, 3));
    Tensor input = r.numbers(r.coin(), shape);
    if (r.between(0, 3) == 0) {
      return OneNode.of(Node.op("Slice"), 13, input, starts, ends);
    }
    return OneNode.of(Node.op("Slice"), 13, input, starts, ends, vector(axes), vector(steps));
  }

  private void reductions() {
    for (String op :
        List.of(
            "ReduceMean",
            "ReduceMax",
            "ReduceMin",
            "ReduceProd",
            "ReduceL1",
            "ReduceL2",
            "ReduceSumSquare",
            "ReduceLogSumExp")) {
      cases.put(op + " 13", r -> reduction(r, op, 13, false));
      cases.put(op + " 18", r -> reduction(r, op, 18, true));
    }
    cases.put("ReduceSum 11", r -> reduction(r, "ReduceSum", 11, false));
    cases.put("ReduceSum 13", r -> reduction(r, "ReduceSum", 13, true));
  }

  private static OneNode reduction(RandomTensors r, String op, int opset, boolean asInput) {
    long[] shape = r.fullShape(0, 4);
    int count = shape.length == 0 ? 0 : r.between(1, shape.length);
    long[] axes = Arrays.copyOf(permutation(r, shape.length), count);
    for (int i = 0; i < axes.length; i++) {
      axes[i] = r.coin() ? axes[i] : axes[i] - shape.length;
    }
    NodeBuilder node = Node.op(op);
    node = r.coin() ? node : node.attribute("keepdims", r.between(0, 1));
    if (count == 0 || r.between(0, 3) == 0) {
      node = asInput && r.coin() ? node.attribute("noop_with_empty_axes", 1) : node;
      return OneNode.of(node, opset, r.floats(shape));
    }
    return asInput
        ? OneNode.of(node, opset, r.floats(shape), vector(axes))
        : OneNode.of(node.attribute("axes", axes), opset, r.floats(shape));
  }

  private void products() {
    cases.put("MatMul", OperationCases::matMul);
    cases.put("Gemm", OperationCases::gemm);
  }

  private static OneNode matMul(RandomTensors r) {
    long inner = r.between(1, 4);
    long[] batch = r.fullShape(0, 2);
    long[] left = append(batch, r.between(1, 4), inner);
    long[] right = append(r.broadcastable(batch), inner, r.between(1, 4));
    Tensor a = r.floats(r.between(0, 4) == 0 ? new long[] {inner} : left);
    Tensor b = r.floats(r.between(0, 4) == 0 ? new long[] {inner} : right);
    return OneNode.of(Node.op("MatMul"), 13, a, b);
  }

  private static long[] append(long[] batch, long rows, long columns) {
    long[] shape = Arrays.copyOf(batch, batch.length + 2);
    shape[batch.length] = rows;
    shape[batch.length + 1] = columns;
    return shape;
  }

  private static OneNode gemm(RandomTensors r) {
    long m = r.between(1, 4);
    long k = r.between(1, 4);
    long n = r.between(1, 4);
    boolean transA = r.coin();
    boolean transB = r.coin();
    NodeBuilder node = Node.op("Gemm");
    node = transA ? node.attribute("transA", 1) : node;
    node = transB ? node.attribute("transB", 1) : node;
    node = r.coin() ? node : node.attribute("alpha", .5f).attribute("beta", 2f);
    Tensor a = transA ? r.floats(k, m) : r.floats(m, k);
    Tensor b = transB ? r.floats(n, k) : r.floats(k, n);
    return r.between(0, 3) == 0
        ? OneNode.of(node, 13, a, b)
        : OneNode.of(node, 13, a, b, r.floats(r.broadcastable(m, n)));
  }

  private void recurrent() {
    for (String direction : List.of("forward", "reverse", "bidirectional")) {
      cases.put("LSTM " + direction, r -> lstm(r, direction));
    }
  }

  private static OneNode lstm(RandomTensors r, String direction) {
    long directions = direction.equals("bidirectional") ? 2 : 1;
    int steps = r.between(1, 5);
    long batch = r.between(1, 4);
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
    java.nio.ByteBuffer bytes =
        java.nio.ByteBuffer.allocate((int) tensor.elements() * 4)
            .order(java.nio.ByteOrder.LITTLE_ENDIAN);
    for (long value : tensor.toLongs()) {
      bytes.putInt((int) value);
    }
    return Tensor.raw("", ElementType.INT32, tensor.dims(), bytes.flip());
  }
}
