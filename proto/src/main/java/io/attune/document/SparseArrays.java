package io.attune.document;

import io.attune.proto.docarray.DenseNdArrayProto;
import io.attune.proto.docarray.NdArrayProto;
import io.attune.proto.docarray.SparseNdArrayProto;
import java.util.Arrays;
import java.util.List;

/// Reads sparse matrices of scipy, whose formats (`bsr`, `csc`, `csr`, `coo`) all travel as
/// coordinates `[n, 2]` and values `[n]`. Values at the same place are added, as scipy does.
final class SparseArrays {
  private SparseArrays() {}

  static NdArray toDense(NdArrayProto message) {
    if (!message.getClsName().equals("scipy")) {
      throw new IllegalArgumentException(
          "tensor: sparse of "
              + NdArray.shown(message.getClsName())
              + " (expected: dense, or sparse of scipy)");
    }
    SparseNdArrayProto sparse = message.getSparse();
    int[] shape = sparse.getShapeList().stream().mapToInt(Integer::intValue).toArray();
    if (shape.length != 2) {
      throw new IllegalArgumentException(
          "shape: %d dimensions (expected: two, of a sparse matrix)".formatted(shape.length));
    }
    double[] dense = NdArray.zeros(shape, NdArray.MAX_SPARSE_ELEMENTS).doubles();
    if (isEmpty(sparse.getValues()) && isEmpty(sparse.getIndices())) {
      return NdArray.of(dense).reshape(shape);
    }
    NdArray indices = NdArray.from(sparse.getIndices());
    NdArray values = NdArray.from(sparse.getValues());
    check("indices", indices.shape(), List.of(values.size(), 2));
    check("values", values.shape(), List.of(values.size()));
    fill(dense, shape, indices.longs(), values.doubles());
    return NdArray.of(dense).reshape(shape);
  }

  private static boolean isEmpty(DenseNdArrayProto array) {
    return array.getBuffer().isEmpty();
  }

  private static void check(String name, int[] shape, List<Integer> expected) {
    if (!Arrays.stream(shape).boxed().toList().equals(expected)) {
      throw new IllegalArgumentException(
          name + ": shape " + Arrays.toString(shape) + " (expected: " + expected + ")");
    }
  }

  private static void fill(double[] dense, int[] shape, long[] indices, double[] values) {
    for (int i = 0; i < values.length; i++) {
      long row = indices[2 * i];
      long column = indices[2 * i + 1];
      if (row < 0 || row >= shape[0] || column < 0 || column >= shape[1]) {
        throw new IllegalArgumentException(
            "index: [%d, %d] (expected: within %s)".formatted(row, column, Arrays.toString(shape)));
      }
      dense[Math.toIntExact(row * shape[1] + column)] += values[i];
    }
  }
}
