package io.attune.benchmarks.train;

import io.attune.benchmarks.ChildJvm;
import java.io.IOException;

/// A process that keeps every core busy until it is closed.
final class BusyCores {
  private static final int NO_PORT = 0;

  @SuppressWarnings("unused") // so that no work can be left out
  private static volatile double result;

  private BusyCores() {}

  static ChildJvm start() throws IOException {
    return ChildJvm.start(BusyCores.class, "64m");
  }

  public static void main(String[] arguments) throws IOException {
    for (int i = 0; i < Runtime.getRuntime().availableProcessors(); i++) {
      Thread _ = Thread.ofPlatform().daemon().start(BusyCores::compute);
    }
    ChildJvm.serve(System.out, NO_PORT);
  }

  private static void compute() {
    double sum = 0;
    while (true) {
      for (int i = 1; i < 1_000_000; i++) {
        sum += 1.0 / i;
      }
      result = sum;
    }
  }
}
