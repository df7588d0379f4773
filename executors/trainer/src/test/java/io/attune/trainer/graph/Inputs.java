package io.attune.trainer.graph;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.attune.models.Collation;
import java.util.Map;

/// Inputs of graphs that read texts.
final class Inputs {
  private Inputs() {}

  static Map<String, NDArray> of(NDManager manager, Collation batch) {
    Shape shape = new Shape(batch.rows(), batch.length());
    return of(manager, shape, batch.inputIds(), batch.attentionMask(), batch.tokenTypeIds());
  }

  static Map<String, NDArray> of(
      NDManager manager, Shape shape, long[] ids, long[] mask, long[] types) {
    return Map.of(
        "input_ids", manager.create(ids).reshape(shape),
        "attention_mask", manager.create(mask).reshape(shape),
        "token_type_ids", manager.create(types).reshape(shape));
  }
}
