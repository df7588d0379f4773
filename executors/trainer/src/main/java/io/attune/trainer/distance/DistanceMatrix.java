package io.attune.trainer.distance;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.attune.trainer.array.EngineArrays;

/// The measures between all items of a batch, as plain numbers and as a differentiable array.
///
/// Euclidean distances are computed from coordinate differences, never as `|x|² + |y|² − 2xy`,
/// which loses all digits where points are near. Their derivative is singular where points
/// coincide; there it is 0, as torch's `cdist` has it. The array gets both by linearising: its
/// value is the exact distance, and its derivative by the squared distance `s` is the constant
/// `∂d/∂s` at that value.
public final class DistanceMatrix {
  private final Distance distance;
  private final NDArray points;
  private final int size;
  private final float[] values;

  private DistanceMatrix(Distance distance, NDArray points, float[] values) {
    this.distance = distance;
    this.points = points;
    this.size = Math.toIntExact(points.getShape().get(0));
    this.values = values;
  }

  static DistanceMatrix of(Distance distance, NDArray embeddings) {
    NDArray points =
        distance.normalizeEmbeddings() ? embeddings.normalize(2, 1, 1e-12) : embeddings;
    return new DistanceMatrix(distance, points, values(distance, points));
  }

  private static float[] values(Distance distance, NDArray points) {
    if (distance.inverted()) {
      try (NDArray plain = points.stopGradient();
          NDArray transposed = plain.transpose();
          NDArray products = plain.matMul(transposed)) {
        return powered(products.toFloatArray(), distance.power());
      }
    }
    int size = Math.toIntExact(points.getShape().get(0));
    int dimension = Math.toIntExact(points.getShape().get(1));
    float[] squares = SquaredDistances.within(points.toFloatArray(), size, dimension);
    return powered(squares, distance.power() / 2);
  }

  private static float[] powered(float[] values, double power) {
    if (power != 1) {
      for (int i = 0; i < values.length; i++) {
        values[i] =
            (float) (power == 0.5 ? Math.sqrt(values[i]) : StrictMath.pow(values[i], power));
      }
    }
    return values;
  }

  /// What the measures are.
  public Distance distance() {
    return distance;
  }

  /// How many items.
  public int size() {
    return size;
  }

  /// The measure between items `i` and `j`.
  public float at(int i, int j) {
    return values[i * size + j];
  }

  /// All measures, row by row; not to be changed.
  public float[] values() {
    return values;
  }

  /// The measures as a differentiable array, (items, items).
  public NDArray array() {
    NDArray products = points.matMul(points.transpose());
    if (distance.inverted()) {
      return distance.power() == 1 ? products : EngineArrays.power(products, distance.power());
    }
    NDArray squares = squares(products);
    NDArray slopes = constant(slopes());
    return squares.sub(squares.stopGradient()).mul(slopes).add(constant(values));
  }

  /// A scalar of a given value, whose gradient by the measures is given: for losses that are
  /// computed outside the graph.
  ///
  /// @param value the loss
  /// @param gradient its derivative by each measure, row by row
  public NDArray scalar(double value, float[] gradient) {
    NDArray weighted = array().mul(constant(gradient)).sum();
    return weighted.sub(weighted.stopGradient()).add((float) value);
  }

  /// A constant (items, items) array beside this one.
  public NDArray constant(float[] cells) {
    return EngineArrays.of(points.getManager(), cells, new Shape(size, size));
  }

  private NDArray squares(NDArray products) {
    NDArray lengths = points.square().sum(new int[] {1}, true);
    return lengths.add(lengths.transpose()).sub(EngineArrays.times(products, 2));
  }

  /// `∂d/∂s` of `d = s^(power/2)`, 0 where points coincide.
  private float[] slopes() {
    double power = distance.power();
    float[] slopes = new float[values.length];
    for (int i = 0; i < slopes.length; i++) {
      double value = values[i];
      double slope =
          power == 1 ? 0.5 / value : power / 2 * StrictMath.pow(value, (power - 2) / power);
      slopes[i] = value == 0 ? 0 : (float) slope;
    }
    return slopes;
  }
}
