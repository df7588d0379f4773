package io.attune.trainer.data;

/// SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014), written
/// out so that an order stays the same whatever the JVM's library does.
public final class SplitMix {
  private static final long GAMMA = 0x9E3779B97F4A7C15L;

  private long state;

  public SplitMix(long seed) {
    state = seed;
  }

  /// A generator of its own for each (seed, stream), such as a run's seed and an epoch.
  public static SplitMix of(long seed, long stream) {
    return new SplitMix(mix(mix(seed + GAMMA) ^ mix(stream * GAMMA + 1)));
  }

  /// 64 random bits.
  public long nextLong() {
    state += GAMMA;
    return mix(state);
  }

  /// From 0 below a bound; the bias is below 2^-32 of the bound.
  public int nextInt(int bound) {
    return (int) (((nextLong() >>> 32) * bound) >>> 32);
  }

  /// From 0 below 1.
  public double nextDouble() {
    return (nextLong() >>> 11) * 0x1p-53;
  }

  /// Shuffles part of an array in place (Fisher and Yates).
  ///
  /// @param from the first index
  /// @param to the index behind the last
  public void shuffle(int[] values, int from, int to) {
    for (int i = to - 1; i > from; i--) {
      int j = from + nextInt(i - from + 1);
      int value = values[i];
      values[i] = values[j];
      values[j] = value;
    }
  }

  private static long mix(long value) {
    long z = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
