package io.attune.trainer.graph.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import io.attune.onnx.ElementType;
import io.attune.onnx.Tensor;
import io.attune.trainer.graph.TorchEngine;
import io.attune.trainer.testing.FreedMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Each operator on random inputs: forward against ONNX Runtime, backward against finite
/// differences in double precision. Rerun a failure with `-Dattune.seed=N`.
final class OperationTest {
  private static final long SEED = Long.getLong("attune.seed", 20);
  private static final int FORWARD_CASES = 32;
  private static final int BACKWARD_CASES = 6;

  /// The step of the finite differences.
  private static final double STEP = 1e-6;

  @BeforeAll
  static void start() {
    TorchEngine.start(1);
  }

  static Stream<String> labels() {
    return OperationCases.all().keySet().stream();
  }

  private static OneNode node(String label, int number) {
    RandomTensors random = new RandomTensors(31 * (31 * SEED + label.hashCode()) + number);
    return Objects.requireNonNull(OperationCases.all().get(label)).apply(random);
  }

  private static String where(String label, int number, OneNode node) {
    return "seed %d, %s, case %d: %s".formatted(SEED, label, number, node);
  }

  @Test
  void everyOperatorHasCases() {
    Set<String> missing = new TreeSet<>(Operations.standard().names());
    labels().forEach(label -> missing.remove(label.split(" ", -1)[0]));
    assertThat(missing).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("labels")
  void givesWhatOnnxRuntimeGives(String label) {
    for (int i = 0; i < FORWARD_CASES; i++) {
      OneNode node = node(label, i);
      String where = where(label, i, node);
      List<Tensor> expected = node.onnxRuntime();
      for (boolean whole : new boolean[] {false, true}) {
        try (NDManager manager = TorchEngine.newManager()) {
          List<Value> actual = node.run(manager, node.values(manager, whole, DataType.FLOAT32));
          assertThat(actual).as(where).hasSizeGreaterThanOrEqualTo(expected.size());
          for (int k = 0; k < expected.size(); k++) {
            assertSame(where + "\noutput " + k, actual.get(k), expected.get(k));
          }
        }
      }
    }
  }

  private static void assertSame(String where, Value actual, Tensor expected) {
    String text = where + "\nexpected " + OneNode.text(expected);
    switch (actual) {
      case Value.Whole whole -> {
        assertThat(expected.type().floating()).as(text).isFalse();
        assertThat(whole.dims()).as(text).isEqualTo(expected.dims());
        assertThat(whole.values()).as(text).isEqualTo(expected.toLongs());
      }
      case Value.Array(NDArray array) -> {
        assertThat(array.getShape().getShape()).as(text).isEqualTo(expected.dims());
        if (expected.type() == ElementType.FLOAT) {
          assertThat(array.getDataType()).as(text).isEqualTo(DataType.FLOAT32);
          assertClose(text, array.toFloatArray(), expected.toFloats());
        } else {
          assertThat(array.getDataType())
              .as(text)
              .isIn(DataType.INT64, expected.type() == ElementType.BOOL ? DataType.BOOLEAN : null);
          assertThat(array.toType(DataType.INT64, true).toLongArray())
              .as(text)
              .isEqualTo(expected.toLongs());
        }
      }
    }
  }

  private static void assertClose(String where, float[] actual, float[] expected) {
    assertThat(actual).as(where).hasSize(expected.length);
    for (int i = 0; i < expected.length; i++) {
      if (Float.isNaN(expected[i]) || Float.isInfinite(expected[i])) {
        assertThat(actual[i]).as(where).isEqualTo(expected[i]);
      } else {
        double tolerance = 2e-5 * Math.max(1, Math.abs(expected[i]));
        assertThat((double) actual[i])
            .as("%s, value %d", where, i)
            .isCloseTo(expected[i], within(tolerance));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("labels")
  void givesTheGradientThatFiniteDifferencesGive(String label) {
    for (int i = 0; i < BACKWARD_CASES; i++) {
      OneNode node = node(label, i);
      try (NDManager manager = TorchEngine.newManager()) {
        @Nullable Value[] values = node.values(manager, true, DataType.FLOAT64);
        List<NDArray> directions = directions(manager, node.run(manager, values));
        if (!directions.isEmpty()) {
          assertGradients(where(label, i, node), node, manager, values, directions);
        }
      }
    }
  }

  /// One direction to each output of floats: the loss is the sum of their products.
  private static List<NDArray> directions(NDManager manager, List<Value> outputs) {
    List<NDArray> directions = new ArrayList<>();
    for (Value output : outputs) {
      if (output instanceof Value.Array(NDArray array)
          && array.getDataType() == DataType.FLOAT64
          && array.size() > 0) {
        RandomTensors random = new RandomTensors(directions.size());
        Tensor direction = random.floats(array.getShape().getShape());
        directions.add(
            manager.create(direction.toFloats(), array.getShape()).toType(DataType.FLOAT64, false));
      }
    }
    return directions;
  }

  private static void assertGradients(
      String where,
      OneNode node,
      NDManager manager,
      @Nullable Value[] values,
      List<NDArray> directions) {
    for (int position = 0; position < values.length; position++) {
      if (!(values[position] instanceof Value.Array(NDArray input))
          || input.getDataType() != DataType.FLOAT64
          || input.size() == 0
          || isRead(node, position)) {
        continue;
      }
      double[] numbers = input.toDoubleArray();
      double[] gradient = gradient(node, manager, values, position, directions);
      for (int i = 0; i < numbers.length; i += 1 + numbers.length / 8) {
        double up = loss(node, manager, moved(values, position, i, STEP), directions);
        double down = loss(node, manager, moved(values, position, i, -STEP), directions);
        double expected = (up - down) / (2 * STEP);
        assertThat(gradient[i])
            .as("%s\ngradient of input %d at %d", where, position, i)
            .isCloseTo(expected, within(1e-5 * Math.max(1, Math.abs(expected))));
      }
    }
  }

  /// Bounds and ratios are read as numbers, and running statistics are not learned: they take no
  /// gradient.
  private static boolean isRead(OneNode node, int position) {
    return node.node().is("Range")
        || (node.node().is("Clip") && position > 0)
        || (node.node().is("Dropout") && position > 0)
        || (node.node().is("BatchNormalization") && position > 2);
  }

  private static @Nullable Value[] moved(
      @Nullable Value[] values, int position, int index, double by) {
    @Nullable Value[] moved = values.clone();
    if (values[position] instanceof Value.Array(NDArray array)) {
      double[] numbers = array.toDoubleArray();
      numbers[index] += by;
      moved[position] = Value.of(array.getManager().create(numbers, array.getShape()));
    }
    return moved;
  }

  private static double[] gradient(
      OneNode node,
      NDManager manager,
      @Nullable Value[] values,
      int position,
      List<NDArray> directions) {
    @Nullable Value[] leaves = moved(values, position, 0, 0);
    if (!(leaves[position] instanceof Value.Array(NDArray array))) {
      throw new IllegalStateException("no array");
    }
    PtNDArray leaf = (PtNDArray) array;
    JniUtils.attachGradient(leaf, true);
    JniUtils.setGradMode(true);
    try {
      PtNDArray loss = (PtNDArray) lossArray(node.run(manager, leaves), directions);
      JniUtils.backward(loss, (PtNDArray) loss.onesLike(), false, false);
      @Nullable PtNDArray gradient = JniUtils.getGradient(leaf);
      return gradient == null ? new double[(int) leaf.size()] : gradient.toDoubleArray();
    } catch (EngineException e) {
      assertThat(e).hasMessageContaining("does not require grad"); // no output depends on the input
      return new double[(int) leaf.size()];
    } finally {
      JniUtils.setGradMode(false);
    }
  }

  /// A loss whose backward pass is still to come.
  private record Pending(String where, PtNDArray leaf, PtNDArray loss) {}

  @Test
  void aBackwardPassReadsNothingThatJavaHasFreed() {
    JniUtils.setGradMode(true);
    try (NDManager manager = TorchEngine.newManager()) {
      List<Pending> all = new ArrayList<>();
      labels().forEach(label -> all.addAll(pending(label, manager)));
      all.removeIf(pending -> !backward(pending));
      assertThat(all).hasSizeGreaterThan(OperationCases.all().size());
      List<double[]> expected = all.stream().map(OperationTest::gradient).toList();
      assertThat(FreedMemory.overwrite()).isNotEmpty();
      all.forEach(pending -> assertThat(backward(pending)).isTrue());
      for (int i = 0; i < expected.size(); i++) {
        double[] once = expected.get(i);
        double[] twice = gradient(all.get(i));
        for (int k = 0; k < once.length; k++) {
          assertThat(twice[k]).as(all.get(i).where()).isEqualTo(2 * once[k]);
        }
      }
    } finally {
      JniUtils.setGradMode(false);
    }
  }

  /// @return whether the loss depends on the leaf
  private static boolean backward(Pending pending) {
    PtNDArray loss = pending.loss();
    try {
      JniUtils.backward(loss, (PtNDArray) loss.onesLike(), true, false);
      return true;
    } catch (EngineException e) {
      assertThat(e).hasMessageContaining("does not require grad");
      return false;
    }
  }

  private static double[] gradient(Pending pending) {
    @Nullable PtNDArray gradient = JniUtils.getGradient(pending.leaf());
    return gradient == null ? new double[0] : gradient.toDoubleArray();
  }

  /// Forward passes that close what they made on the way, as a pass through a graph does.
  private static List<Pending> pending(String label, NDManager manager) {
    List<Pending> pending = new ArrayList<>();
    for (int i = 0; i < BACKWARD_CASES; i++) {
      OneNode node = node(label, i);
      @Nullable Value[] values = node.values(manager, true, DataType.FLOAT64);
      for (int position = 0; position < values.length; position++) {
        if (values[position] instanceof Value.Array(NDArray input)
            && input.getDataType() == DataType.FLOAT64
            && input.size() > 0
            && !isRead(node, position)) {
          PtNDArray leaf = (PtNDArray) input.duplicate();
          JniUtils.attachGradient(leaf, true);
          @Nullable Value[] leaves = values.clone();
          leaves[position] = Value.of(leaf);
          List<NDArray> made = new ArrayList<>();
          List<Value> outputs = node.run(manager, made, leaves);
          NDArray sum = sum(outputs, manager);
          pending.add(new Pending(where(label, i, node), leaf, (PtNDArray) sum));
          made.forEach(NDArray::close);
        }
      }
    }
    return pending;
  }

  /// Of the squares of all outputs, so that the gradient of each is another.
  private static NDArray sum(List<Value> outputs, NDManager manager) {
    NDArray sum = manager.zeros(new Shape(), DataType.FLOAT64);
    for (Value output : outputs) {
      if (output instanceof Value.Array(NDArray array) && array.getDataType() == DataType.FLOAT64) {
        sum = sum.add(array.square().sum());
      }
    }
    return sum;
  }

  private static double loss(
      OneNode node, NDManager manager, @Nullable Value[] values, List<NDArray> directions) {
    return lossArray(node.run(manager, values), directions).toDoubleArray()[0];
  }

  private static NDArray lossArray(List<Value> outputs, List<NDArray> directions) {
    @Nullable NDArray loss = null;
    int next = 0;
    for (Value output : outputs) {
      if (output instanceof Value.Array(NDArray array)
          && array.getDataType() == DataType.FLOAT64
          && array.size() > 0) {
        NDArray part = array.mul(directions.get(next++)).sum();
        loss = loss == null ? part : loss.add(part);
      }
    }
    return Objects.requireNonNull(loss);
  }
}
