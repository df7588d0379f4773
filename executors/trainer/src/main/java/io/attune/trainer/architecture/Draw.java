package io.attune.trainer.architecture;

/// The random numbers of one weight: SplitMix64 (G. Steele, D. Lea, C. Flood, "Fast splittable
/// pseudorandom number generators", OOPSLA 2014), written out here so that no library's change
/// changes a model.
///
/// Stream `i` of a seed starts at state `mix(mix(seed) + i)`. A uniform number takes the upper 24
/// bits of one draw; a normal one takes two draws (Box-Muller, the cosine of the pair).
final class Draw {
  private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

  private long state;

  Draw(long seed, int stream) {
    state = mix(mix(seed) + stream);
  }

  /// Uniform in [-bound, bound).
  float uniform(double bound) {
    double unit = (next() >>> 40) * 0x1p-24;
    return (float) ((2 * unit - 1) * bound);
  }

  /// From N(0, 1).
  float normal() {
    double radius = StrictMath.sqrt(-2 * StrictMath.log(((next() >>> 11) + 1) * 0x1p-53));
    double angle = 2 * Math.PI * ((next() >>> 11) * 0x1p-53);
    return (float) (radius * StrictMath.cos(angle));
  }

  private long next() {
    state += GOLDEN_GAMMA;
    return mix(state);
  }

  private static long mix(long z) {
    long mixed = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
    return mixed ^ (mixed >>> 31);
  }
}
