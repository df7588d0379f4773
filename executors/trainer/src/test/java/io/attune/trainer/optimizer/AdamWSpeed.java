package io.attune.trainer.optimizer;

import ai.djl.ndarray.NDManager;
import io.attune.trainer.graph.TorchEngine;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/// Prints the time of one AdamW update over MiniLM's 22.7 M weights: the median over rounds of the
/// mean of 10 updates, in milliseconds, with and without clipping. `src/test/python/adamw.py`
/// measures torch's in the same way. Not a test; run it from the test classes with
///
///     java --add-modules jdk.incubator.vector -cp … io.attune.trainer.optimizer.AdamWSpeed 2 5
final class AdamWSpeed {
  private static final int HIDDEN = 384;
  private static final int INNER = 1536;
  private static final int LAYERS = 6;
  private static final int VOCABULARY = 30_522;
  private static final int POSITIONS = 512;

  private AdamWSpeed() {}

  /// Measures with these threads (2) and rounds (5).
  public static void main(String[] arguments) {
    int threads = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 2;
    int rounds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 5;
    TorchEngine.start(threads);
    for (double norm : new double[] {0, 1}) {
      System.out.printf("clip=%-5s %7.1f ms%n", norm > 0, measure(threads, rounds, norm));
    }
  }

  private static double measure(int threads, int rounds, double norm) {
    try (NDManager manager = TorchEngine.newManager()) {
      Weights weights = new Weights(manager);
      for (long[] shape : shapes()) {
        add(weights, shape);
      }
      Map<String, Object> options = Map.of("learning_rate", 1e-5, "max_grad_norm", norm);
      double[] milliseconds = new double[rounds];
      try (Optimizer optimizer =
          Optimizers.catalog().named("AdamW").make(options, weights.trainables(), threads)) {
        times(optimizer, 20);
        for (int i = 0; i < rounds; i++) {
          milliseconds[i] = times(optimizer, 10);
        }
      }
      Arrays.sort(milliseconds);
      return milliseconds[rounds / 2];
    }
  }

  private static double times(Optimizer optimizer, int updates) {
    long start = System.nanoTime();
    for (int i = 0; i < updates; i++) {
      optimizer.step(1, 1);
    }
    return (System.nanoTime() - start) / 1e6 / updates;
  }

  private static void add(Weights weights, long[] shape) {
    int size = 1;
    for (long each : shape) {
      size *= (int) each;
    }
    String name = weights.names().size() + ".weight";
    weights.add(name, random(size, 0.02f), shape);
    weights.accumulate(name, random(size, 1e-3f));
  }

  private static float[] random(int size, float scale) {
    SplittableRandom random = new SplittableRandom(size);
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) (random.nextDouble() * 2 - 1) * scale;
    }
    return values;
  }

  /// The tensors of sentence-transformers/all-MiniLM-L6-v2, without its pooler.
  private static List<long[]> shapes() {
    List<long[]> shapes = new ArrayList<>();
    for (long rows : new long[] {VOCABULARY, POSITIONS, 2}) {
      shapes.add(new long[] {rows, HIDDEN});
    }
    shapes.add(new long[] {HIDDEN});
    shapes.add(new long[] {HIDDEN});
    for (int layer = 0; layer < LAYERS; layer++) {
      for (int i = 0; i < 4; i++) {
        shapes.add(new long[] {HIDDEN, HIDDEN});
        shapes.add(new long[] {HIDDEN});
      }
      shapes.add(new long[] {INNER, HIDDEN});
      shapes.add(new long[] {INNER});
      shapes.add(new long[] {HIDDEN, INNER});
      for (int i = 0; i < 5; i++) {
        shapes.add(new long[] {HIDDEN});
      }
    }
    return shapes;
  }
}
