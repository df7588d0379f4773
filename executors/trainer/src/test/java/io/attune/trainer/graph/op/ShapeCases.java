package io.attune.trainer.graph.op;

import static io.attune.trainer.graph.op.RandomTensors.scalar;
import static io.attune.trainer.graph.op.RandomTensors.vector;

import io.attune.onnx.Node;
import io.attune.onnx.NodeBuilder;
import io.attune.onnx.Tensor;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;

/// Random nodes of the operators that make tensors, show them in other shapes, or take parts.
final class ShapeCases {
  private final Map<String, Function<RandomTensors, OneNode>> cases = new LinkedHashMap<>();

  private ShapeCases() {}

  static Map<String, Function<RandomTensors, OneNode>> all() {
    ShapeCases all = new ShapeCases();
    all.filling();
    all.views();
    all.indexing();
    return all.cases;
  }

  private void filling() {
    cases.put("ConstantOfShape", ShapeCases::constantOfShape);
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
          long[] shape = r.shape(1, 3);
          Tensor repeats = r.longs(0, 3, shape.length);
          return OneNode.of(Node.op("Tile"), 13, r.numbers(r.coin(), shape), repeats);
        });
    cases.put(
        "CumSum",
        r -> {
          long[] shape = r.shape(1, 3);
          NodeBuilder node = Node.op("CumSum").attribute("exclusive", r.between(0, 1));
          node.attribute("reverse", r.between(0, 1));
          return OneNode.of(node, 14, r.numbers(r.coin(), shape), scalar(r.axis(shape)));
        });
    cases.put(
        "Trilu",
        r -> {
          NodeBuilder node = Node.op("Trilu").attribute("upper", r.between(0, 1));
          Tensor input = r.numbers(r.coin(), r.shape(2, 4));
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
    cases.put("Reshape", ShapeCases::reshape);
    cases.put(
        "Transpose",
        r -> {
          long[] shape = r.shape(0, 4);
          NodeBuilder node = Node.op("Transpose");
          Tensor input = r.numbers(r.coin(), shape);
          return OneNode.of(
              r.coin() ? node : node.attribute("perm", r.permutation(shape.length)), 13, input);
        });
    cases.put("Concat", r -> concat(r, r.between(2, 3)));
    cases.put("Concat of one", r -> concat(r, 1));
  }

  private static OneNode squeeze(RandomTensors r, int opset) {
    long[] shape = r.shape(1, 4);
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
    long[] shape = r.shape(1, 3);
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
    long[] shape = r.shape(1, 4);
    int count = RandomTensors.count(shape);
    if (count == 0) { // a 0 stands for the input's own size there, but where it is allowed
      NodeBuilder node = Node.op("Reshape");
      return r.coin()
          ? OneNode.of(node, 14, r.numbers(r.coin(), shape), vector(shape))
          : OneNode.of(
              node.attribute("allowzero", 1), 14, r.numbers(r.coin(), shape), vector(2, 0, 3));
    }
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

  private static OneNode concat(RandomTensors r, int count) {
    long[] shape = r.shape(1, 3);
    long axis = r.axis(shape);
    boolean whole = r.coin();
    Tensor[] parts = new Tensor[count];
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
          long[] shape = r.shape(1, 3);
          long axis = r.axis(shape);
          int size = (int) shape[Math.floorMod((int) axis, shape.length)];
          Tensor indices =
              size == 0
                  ? r.longs(0, 0, r.between(0, 2), 0)
                  : r.longs(-size, size - 1, r.shape(0, 2));
          return OneNode.of(
              Node.op("Gather").attribute("axis", axis), 13, r.numbers(r.coin(), shape), indices);
        });
    cases.put("Slice", r -> slice(r, r.shape(1, 3)));
    cases.put("Slice of none", r -> slice(r, 0));
  }

  private static OneNode slice(RandomTensors r, long... shape) {
    int count = r.between(1, shape.length);
    long[] axes = Arrays.copyOf(r.permutation(shape.length), count);
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
}
