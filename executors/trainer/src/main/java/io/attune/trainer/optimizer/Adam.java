package io.attune.trainer.optimizer;

import io.attune.trainer.option.Options;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// Adam (arXiv:1412.6980) and AdamW (arXiv:1711.05101) as torch's: moments `m += (1−β₁)(g−m)`, `v =
/// β₂v + (1−β₂)g²`, then `w −= lr/(1−β₁ᵗ) · m / (√v/√(1−β₂ᵗ) + ε)`. Weight decay is decoupled, `w
/// −= lr·λ·w`, or added to the gradient.
///
/// No fused multiply-add: lanes and the rest of a stretch round alike.
record Adam(double beta1, double beta2, double epsilon, boolean decoupled) implements UpdateRule {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT;

  static Adam of(Options options, boolean decoupled) {
    List<Double> betas = options.reals("betas").orElseThrow();
    return new Adam(betas.get(0), betas.get(1), options.real("eps"), decoupled);
  }

  @Override
  public int moments() {
    return 2;
  }

  @Override
  public void update(
      MemorySegment weights, MemorySegment gradient, MemorySegment[] moments, Step step) {
    Constants constants = constants(step);
    long bytes = weights.byteSize();
    long stride = SPECIES.vectorByteSize();
    long bound = bytes - bytes % stride;
    lanes(weights, gradient, moments[0], moments[1], bound, constants);
    rest(weights, gradient, moments[0], moments[1], bound, constants);
  }

  /// What is the same for all elements.
  private record Constants(
      float keep,
      float coupled,
      float rate,
      float correction,
      float gradientScale,
      float rest1,
      float beta2,
      float rest2,
      float epsilon) {}

  private Constants constants(Step step) {
    double number = (double) step.number();
    double decay = step.weightDecay();
    return new Constants(
        decoupled ? (float) (1 - step.learningRate() * decay) : 1,
        decoupled ? 0 : (float) decay,
        (float) (step.learningRate() / (1 - StrictMath.pow(beta1, number))),
        (float) (1 / Math.sqrt(1 - StrictMath.pow(beta2, number))),
        step.gradientScale(),
        (float) (1 - beta1),
        (float) beta2,
        (float) (1 - beta2),
        (float) epsilon);
  }

  private void lanes(
      MemorySegment weights,
      MemorySegment gradient,
      MemorySegment first,
      MemorySegment second,
      long bound,
      Constants constants) {
    float scale = constants.gradientScale;
    float keep = constants.keep;
    float coupled = constants.coupled;
    float rate = constants.rate;
    float correction = constants.correction;
    float rest1 = constants.rest1;
    float keep2 = constants.beta2;
    float rest2 = constants.rest2;
    float small = constants.epsilon;
    for (long at = 0; at < bound; at += SPECIES.vectorByteSize()) {
      FloatVector w = FloatVector.fromMemorySegment(SPECIES, weights, at, ORDER);
      FloatVector g =
          FloatVector.fromMemorySegment(SPECIES, gradient, at, ORDER)
              .mul(scale)
              .add(w.mul(coupled));
      FloatVector m = FloatVector.fromMemorySegment(SPECIES, first, at, ORDER);
      FloatVector v = FloatVector.fromMemorySegment(SPECIES, second, at, ORDER);
      m = m.add(g.sub(m).mul(rest1));
      v = v.mul(keep2).add(g.mul(rest2).mul(g));
      FloatVector divisor = v.sqrt().mul(correction).add(small);
      w = w.mul(keep).sub(m.mul(rate).div(divisor));
      m.intoMemorySegment(first, at, ORDER);
      v.intoMemorySegment(second, at, ORDER);
      w.intoMemorySegment(weights, at, ORDER);
    }
  }

  private void rest(
      MemorySegment weights,
      MemorySegment gradient,
      MemorySegment first,
      MemorySegment second,
      long from,
      Constants constants) {
    for (long at = from; at < weights.byteSize(); at += Float.BYTES) {
      float w = weights.get(FLOAT, at);
      float g = gradient.get(FLOAT, at) * constants.gradientScale + w * constants.coupled;
      float m = first.get(FLOAT, at);
      float v = second.get(FLOAT, at);
      m = m + (g - m) * constants.rest1;
      v = v * constants.beta2 + g * constants.rest2 * g;
      float divisor = (float) Math.sqrt(v) * constants.correction + constants.epsilon;
      first.set(FLOAT, at, m);
      second.set(FLOAT, at, v);
      weights.set(FLOAT, at, w * constants.keep - m * constants.rate / divisor);
    }
  }
}
