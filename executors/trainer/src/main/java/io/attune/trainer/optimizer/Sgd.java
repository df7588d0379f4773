package io.attune.trainer.optimizer;

import io.attune.runtime.FlowException;
import io.attune.trainer.option.Options;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Stochastic gradient descent as torch's: `g += λw`; with momentum `b = μb + (1−dampening)g`,
/// which starts at the first gradient; then `w −= lr·b`, or with Nesterov `w −= lr·(g + μb)`.
record Sgd(float momentum, float dampening, boolean nesterov) implements UpdateRule {
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT;

  Sgd {
    if (nesterov && (momentum == 0 || dampening != 0)) {
      throw FlowException.invalid(
          "nesterov: true with momentum %s and dampening %s (expected: momentum above 0, no"
                  .formatted(momentum, dampening)
              + " dampening)");
    }
  }

  static Sgd of(Options options) {
    return new Sgd(
        (float) options.real("momentum"),
        (float) options.real("dampening"),
        options.flag("nesterov"));
  }

  @Override
  public int moments() {
    return momentum == 0 ? 0 : 1;
  }

  @Override
  public void update(
      MemorySegment weights, MemorySegment gradient, MemorySegment[] moments, Step step) {
    float decay = (float) step.weightDecay();
    float rate = (float) step.learningRate();
    float scale = step.gradientScale();
    float fresh = step.number() == 1 ? 1 : 1 - dampening;
    for (long at = 0; at < weights.byteSize(); at += Float.BYTES) {
      float w = weights.get(FLOAT, at);
      float g = gradient.get(FLOAT, at) * scale + decay * w;
      float direction = g;
      if (momentum != 0) {
        float b = moments[0].get(FLOAT, at) * momentum + fresh * g;
        moments[0].set(FLOAT, at, b);
        direction = nesterov ? g + momentum * b : b;
      }
      weights.set(FLOAT, at, w - rate * direction);
    }
  }
}
