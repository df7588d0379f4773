package io.attune.benchmarks.train;

import io.attune.benchmarks.ResidentMemory;
import io.attune.models.DefaultModel;
import io.attune.models.ModelStore;
import io.attune.models.StoredModel;
import io.attune.runtime.FlowException;
import io.attune.trainer.graph.TorchEngine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;

/// The memory that training the default model takes: what the process holds after every 50th step,
/// texts of changing length, and the most it ever held. From the classes, on Linux:
///
///     java -Xmx512m --enable-native-access=ALL-UNNAMED --add-modules jdk.incubator.vector \
///         -cp … io.attune.benchmarks.train.TrainMemory 2000 32 32
///
/// The arguments are the steps, the texts of a batch, the most tokens of a text, and, where it is
/// not `target/models`, the store.
public final class TrainMemory {
  private static final int THREADS = 2;
  private static final int SAMPLED = 50;
  private static final long PID = ProcessHandle.current().pid();

  private TrainMemory() {}

  /// Takes the steps, and prints a line for each sample: the step, megabytes held, the most ever.
  @SuppressWarnings("SystemOut") // a program
  public static void main(String[] arguments) throws IOException {
    if (arguments.length < 3) {
      throw FlowException.invalid("arguments: too few (expected: steps, rows, tokens)");
    }
    int steps = Integer.parseInt(arguments[0]);
    int rows = Integer.parseInt(arguments[1]);
    int tokens = Integer.parseInt(arguments[2]);
    Path store = Path.of(arguments.length > 3 ? arguments[3] : "target/models");
    TorchEngine.start(THREADS);
    StoredModel model = DefaultModel.in(ModelStore.at(store));
    Random random = new Random(1);
    try (TrainStep step = new TrainStep(model, rows, tokens, THREADS)) {
      for (int i = 1; i <= steps; i++) {
        step.take(i % SAMPLED == 1 ? tokens : tokens / 4 + random.nextInt(tokens * 3 / 4 + 1));
        if (i % SAMPLED == 0 || i == steps) {
          System.out.printf(
              "%d %d %d%n",
              i, ResidentMemory.bytes(PID) >> 20, ResidentMemory.mostBytes(PID) >> 20);
        }
      }
    }
  }
}
