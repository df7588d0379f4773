package io.attune.evaluator.split;

import java.text.Normalizer;
import java.util.Arrays;
import java.util.Locale;

/// How alike two texts are, from short signatures: the share of equal places estimates the Jaccard
/// similarity of the sets of three-character sequences (Broder 1997), with a standard error of at
/// most 0.0625.
final class MinHash {
  /// Places of a signature.
  static final int SIZE = 64;

  private static final int SHINGLE = 3;
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  private MinHash() {}

  /// A text as it is compared: compatibility forms made one (NFKC), lower case, letters and digits
  /// only, words one blank apart.
  static String normalise(String text) {
    String folded = Normalizer.normalize(text, Normalizer.Form.NFKC).toLowerCase(Locale.ROOT);
    return folded.replaceAll("[^\\p{L}\\p{M}\\p{N}]+", " ").strip();
  }

  /// The signature of a text that is normalised.
  ///
  /// @return of length [#SIZE]
  static int[] signature(String normalised) {
    String text = " " + normalised + " ";
    int[] signature = new int[SIZE];
    Arrays.fill(signature, -1); // the greatest, unsigned
    for (int start = 0; start + SHINGLE <= Math.max(text.length(), SHINGLE); start++) {
      int end = Math.min(start + SHINGLE, text.length());
      long shingle = text.substring(start, end).hashCode();
      for (int i = 0; i < SIZE; i++) {
        int hash = (int) mix(shingle + (i + 1) * GOLDEN);
        if (Integer.compareUnsigned(hash, signature[i]) < 0) {
          signature[i] = hash;
        }
      }
    }
    return signature;
  }

  /// The share of equal places, 0..1.
  static double similarity(int[] a, int[] b) {
    int equal = 0;
    for (int i = 0; i < SIZE; i++) {
      equal += a[i] == b[i] ? 1 : 0;
    }
    return (double) equal / SIZE;
  }

  /// SplitMix64's finaliser (Steele, Lea and Flood 2014).
  private static long mix(long value) {
    long mixed = (value ^ value >>> 30) * 0xBF58476D1CE4E5B9L;
    mixed = (mixed ^ mixed >>> 27) * 0x94D049BB133111EBL;
    return mixed ^ mixed >>> 31;
  }
}
