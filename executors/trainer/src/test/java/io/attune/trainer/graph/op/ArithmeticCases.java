package io.attune.trainer.graph.op;

import static io.attune.trainer.graph.op.RandomTensors.scalar;
import static io.attune.trainer.graph.op.RandomTensors.vector;

import io.attune.onnx.ElementType;
import io.attune.onnx.Node;
import io.attune.onnx.NodeBuilder;
import io.attune.onnx.Tensor;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Random nodes of the operators that calculate: element by element, reductions and products.
final class ArithmeticCases {
  private final Map<String, Function<RandomTensors, OneNode>> cases = new LinkedHashMap<>();

  private ArithmeticCases() {}

  static Map<String, Function<RandomTensors, OneNode>> all() {
    ArithmeticCases all = new ArithmeticCases();
    all.unary();
    all.comparisons();
    all.arithmetic();
    all.reductions();
    all.products();
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
    cases.put("Cast", ArithmeticCases::cast);
    cases.put("Clip", ArithmeticCases::clip);
    cases.put(
        "Clip int64",
        r -> {
          @Nullable Tensor low = r.coin() ? scalar(r.between(-3, 0)) : null;
          @Nullable Tensor high = r.coin() ? scalar(r.between(0, 3)) : null;
          Tensor input = r.longs(-5, 5, r.shape(0, 3));
          return OneNode.of(Node.op("Clip"), 13, input, low, high);
        });
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
    cases.put("Mod fmod", ArithmeticCases::mod);
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
    long[] shape = op.equals("ReduceMean") ? r.fullShape(0, 4) : r.shape(0, 4); // 0 / 0
    boolean empty = RandomTensors.count(shape) == 0;
    int count = shape.length == 0 ? 0 : r.between(1, shape.length);
    long[] axes = Arrays.copyOf(r.permutation(shape.length), count);
    for (int i = 0; i < axes.length; i++) { // ONNX Runtime keeps an empty axis named from the end
      axes[i] = r.coin() || empty ? axes[i] : axes[i] - shape.length;
    }
    NodeBuilder node = Node.op(op);
    node = r.coin() ? node : node.attribute("keepdims", r.between(0, 1));
    if (count == 0 || (!empty && r.between(0, 3) == 0)) {
      node = asInput && r.coin() ? node.attribute("noop_with_empty_axes", 1) : node;
      return OneNode.of(node, opset, r.floats(shape));
    }
    return asInput
        ? OneNode.of(node, opset, r.floats(shape), vector(axes))
        : OneNode.of(node.attribute("axes", axes), opset, r.floats(shape));
  }

  private void products() {
    cases.put("MatMul", ArithmeticCases::matMul);
    cases.put("Gemm", ArithmeticCases::gemm);
  }

  private static OneNode matMul(RandomTensors r) {
    long[] batch = r.fullShape(0, 2);
    if (r.between(0, 4) == 0) { // of empty operands, ONNX Runtime takes matrices without broadcast
      long size = r.size();
      Tensor a = r.floats(append(batch, r.size(), size));
      return OneNode.of(Node.op("MatMul"), 13, a, r.floats(append(batch, size, r.size())));
    }
    long inner = r.between(1, 4);
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
    long m = r.size();
    long k = r.between(1, 4); // of 0, ONNX Runtime forgets beta
    long n = r.size();
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
}
