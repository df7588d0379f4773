package io.attune.trainer.data.collation;

import io.attune.trainer.data.Batch;
import java.util.List;

/// One training step's batch, ready for the graph. Row `i` of the parts' embeddings, one part after
/// another, is item `i` of the batch: the batch was brought into the parts' order.
///
/// ```java
/// NDList embeddings = new NDList();
/// for (EncodedBatch part : step.parts()) {
///   embeddings.add(graph.forward(part.toArrays(manager), true));
/// }
/// loss.of(NDArrays.concat(embeddings), step.batch().supervision());
/// ```
///
/// @param step which of the epoch's, from 0
/// @param batch the items and how they relate
/// @param parts the forward passes
public record EncodedStep(int step, Batch batch, List<EncodedBatch> parts) {
  public EncodedStep {
    parts = List.copyOf(parts);
  }
}
