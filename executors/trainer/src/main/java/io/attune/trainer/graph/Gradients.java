package io.attune.trainer.graph;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import io.attune.runtime.FlowException;

/// A scope in which this thread's operations are recorded, so that a backward pass can follow them.
/// Scopes may nest; close them on the thread that opened them.
public final class Gradients implements AutoCloseable {
  private final boolean before;
  private final Runnable onClose;

  /// @param onClose is told when the scope ends
  Gradients(Runnable onClose) {
    this.onClose = onClose;
    before = JniUtils.isGradMode();
    JniUtils.setGradMode(true);
  }

  /// Adds the gradients of a loss to those of all parameters it depends on, and frees what was
  /// recorded.
  ///
  /// @param loss a scalar
  public void backward(NDArray loss) {
    if (loss.getShape().size() != 1) {
      throw FlowException.invalid("loss: shape %s (expected: a scalar)".formatted(loss.getShape()));
    }
    NDManager manager = loss.getManager();
    try (NDArray one = manager.ones(loss.getShape(), loss.getDataType())) {
      JniUtils.backward((PtNDArray) loss, (PtNDArray) one, false, false);
    }
  }

  @Override
  public void close() {
    JniUtils.setGradMode(before);
    onClose.run();
  }
}
