package io.attune.trainer.graph.op;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import io.attune.onnx.Node;
import io.attune.runtime.FlowException;
import java.util.List;
import java.util.Map;

/// Dropout (Srivastava et al., 2014): in training each element is 0 with a probability, and the
/// others are scaled up so that the mean stays.
///
/// It is active in training alone, and where `training_mode` (opset 12) is there, only if that is
/// true. Which elements it takes follows from the engine's random state, which is set for each step
/// from the run's seed; the node's own `seed` is not used.
final class Dropouts {
  private static final float RATIO = .5f;

  private Dropouts() {}

  static Map<String, OperationKind> kinds() {
    return Map.of("Dropout", Dropouts::dropout);
  }

  /// Before opset 12 the ratio is an attribute, from then on an input.
  private static Operation dropout(Node node, long opset) {
    float fixed = node.floatAttribute("ratio", RATIO);
    boolean masked = !node.output(1).isEmpty();
    return arguments -> {
      boolean input = opset >= 12;
      boolean off = input && arguments.has(2) && arguments.longs(2)[0] == 0;
      if (!arguments.training() || off) {
        return masked
            ? List.of(arguments.value(0), Value.of(all(arguments)))
            : List.of(arguments.value(0));
      }
      double ratio = !input ? fixed : arguments.has(1) ? arguments.number(1) : RATIO;
      if (!(ratio >= 0 && ratio < 1)) {
        throw FlowException.invalid("ratio: " + ratio + " (expected: 0 or more and below 1)");
      }
      PtNDArray array = (PtNDArray) arguments.array(0);
      if (!masked) {
        return Value.one(JniUtils.dropout(array, ratio, true));
      }
      PtNDArray ones = (PtNDArray) arguments.temporary(array.onesLike());
      NDArray scales = arguments.temporary(JniUtils.dropout(ones, ratio, true));
      return List.of(Value.of(array.mul(scales)), Value.of(scales.gt(0)));
    };
  }

  private static NDArray all(Arguments arguments) {
    NDArray ones = arguments.temporary(arguments.array(0).onesLike());
    return ones.toType(DataType.BOOLEAN, true);
  }
}
