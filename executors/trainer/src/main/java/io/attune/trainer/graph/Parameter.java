package io.attune.trainer.graph;

import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/// A learned tensor of a graph. Used by one thread at a time.
public final class Parameter {
  private final String name;
  private final String storedName;
  private final PtNDArray array;
  private final OptionalInt layer;
  private final boolean runningStatistic;
  private boolean trainable;
  private @Nullable PtNDArray leaf;
  private final List<NDArray> handedOut = new ArrayList<>();

  Parameter(
      String name, String storedName, OptionalInt layer, NDArray array, boolean runningStatistic) {
    this.name = name;
    this.storedName = storedName;
    this.layer = layer;
    this.array = (PtNDArray) array;
    this.runningStatistic = runningStatistic;
    trainable = !runningStatistic;
  }

  /// The name that people know it by, such as `encoder.layer.0.attention.self.query.weight`; unique
  /// in its graph.
  public String name() {
    return name;
  }

  /// Its name in the file.
  public String storedName() {
    return storedName;
  }

  /// Its dimensions, as in the file.
  public long[] shape() {
    return array.getShape().getShape();
  }

  /// How many numbers it holds.
  public long elements() {
    return array.getShape().size();
  }

  /// The layer that it is in, where the names tell one.
  public OptionalInt layer() {
    return layer;
  }

  /// Whether gradients reach it.
  public boolean isTrainable() {
    return trainable;
  }

  /// Whether it is a running mean or variance of batch normalisation.
  public boolean isRunningStatistic() {
    return runningStatistic;
  }

  /// The weights, float32, in the file's layout. An optimiser changes them in place; the graph
  /// closes them.
  public NDArray array() {
    return array;
  }

  /// Writes other weights over those of now, into the same memory, which optimisers hold on to.
  ///
  /// @param values as many as there are weights, in the file's layout
  public void set(float[] values) {
    if (values.length != elements()) {
      throw new IllegalArgumentException(
          "%s: %d values (expected: %d)".formatted(name, values.length, elements()));
    }
    array.toByteBuffer(true).order(ByteOrder.nativeOrder()).asFloatBuffer().put(values);
  }

  /// The gradient that the backward passes since the last [DifferentiableGraph#clearGradients]
  /// left, of the shape of the weights; empty where none did. The array is the gradient itself and
  /// no copy; it is closed when the gradients are cleared, or earlier by who asked for it.
  public Optional<NDArray> gradient() {
    if (leaf == null) {
      return Optional.empty();
    }
    @Nullable NDArray gradient = JniUtils.getGradient(leaf);
    if (gradient == null) {
      return Optional.empty();
    }
    handedOut.add(gradient);
    return Optional.of(gradient);
  }

  void setTrainable(boolean wanted) {
    clearGradient();
    trainable = wanted;
  }

  /// What a pass through the graph reads: where gradients are recorded, a view of the weights that
  /// takes them. Each step has a view of its own, so that the first gradient is taken over instead
  /// of added to zeros.
  NDArray operand() {
    if (!trainable || !JniUtils.isGradMode()) {
      return array;
    }
    if (leaf == null) {
      leaf = JniUtils.detachGradient(array);
      JniUtils.attachGradient(leaf, true);
    }
    return leaf;
  }

  void clearGradient() {
    handedOut.forEach(NDArray::close);
    handedOut.clear();
    if (leaf != null) {
      leaf.close();
      leaf = null;
    }
  }

  @Override
  public String toString() {
    return name + Arrays.toString(shape()) + (trainable ? "" : " frozen");
  }
}
