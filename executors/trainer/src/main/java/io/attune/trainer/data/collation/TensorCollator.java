package io.attune.trainer.data.collation;

import io.attune.document.Document;
import io.attune.document.NdArray;
import io.attune.onnx.ElementType;
import io.attune.runtime.FlowException;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/// Tensors of one shape, one row each, as they are.
public final class TensorCollator implements Collator {
  private final String input;
  private final ElementType type;

  /// @param input the name of the graph's input
  /// @param type its type: float, int64 or int32
  public TensorCollator(String input, ElementType type) {
    if (!List.of(ElementType.FLOAT, ElementType.INT64, ElementType.INT32).contains(type)) {
      throw FlowException.invalid(
          "input %s: %s (expected: float, int64 or int32)".formatted(input, type));
    }
    this.input = input;
    this.type = type;
  }

  @Override
  public Encoded encode(List<Document> documents, boolean again, IntPredicate isQuery) {
    if (documents.isEmpty()) {
      throw FlowException.invalid("batch: empty (expected: one tensor or more)");
    }
    List<NdArray> tensors = documents.stream().map(TensorCollator::tensor).toList();
    int[] one = tensors.getFirst().shape();
    for (int row = 0; row < tensors.size(); row++) {
      if (!Arrays.equals(one, tensors.get(row).shape())) {
        throw FlowException.invalid(
            "document %s: a tensor of shape %s (expected: %s, as document %s has)"
                .formatted(
                    documents.get(row).id(),
                    Arrays.toString(tensors.get(row).shape()),
                    Arrays.toString(one),
                    documents.getFirst().id()));
      }
    }
    int[] order = IntStream.range(0, tensors.size()).toArray();
    return new Encoded(order, List.of(new EncodedBatch(tensors.size(), List.of(stacked(tensors)))));
  }

  private static NdArray tensor(Document document) {
    return document
        .tensor()
        .orElseThrow(() ->
            FlowException.invalid(
                "document %s: %s (expected: a tensor, which this model reads)"
                    .formatted(document.id(), document.setFields())));
  }

  private EncodedInput stacked(List<NdArray> tensors) {
    int size = tensors.getFirst().size();
    int[] one = tensors.getFirst().shape();
    long[] shape = new long[one.length + 1];
    shape[0] = tensors.size();
    for (int i = 0; i < one.length; i++) {
      shape[i + 1] = one[i];
    }
    if (type == ElementType.FLOAT) {
      float[] values = new float[tensors.size() * size];
      for (int row = 0; row < tensors.size(); row++) {
        System.arraycopy(tensors.get(row).floats(), 0, values, row * size, size);
      }
      return new EncodedInput.Real(input, values, shape);
    }
    long[] values = new long[tensors.size() * size];
    for (int row = 0; row < tensors.size(); row++) {
      System.arraycopy(tensors.get(row).longs(), 0, values, row * size, size);
    }
    return new EncodedInput.Whole(input, values, shape, type);
  }
}
