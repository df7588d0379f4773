package io.attune.benchmarks.train;

import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/// PyTorch eager in Python doing the same step, in a process of its own.
///
/// @param python the interpreter
record TorchRival(String python) {
  static final String NAME = "PyTorch eager";

  /// The interpreter where none is named.
  static final String PYTHON = "python3";

  /// Whether the interpreter is there and has PyTorch and transformers.
  boolean isInstalled() throws InterruptedException {
    try {
      Process process =
          new ProcessBuilder(python, "-c", "import torch, transformers")
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return process.waitFor() == 0;
    } catch (IOException _) {
      return false; // no such program
    }
  }

  /// The milliseconds of some steps.
  List<Double> run(int threads, int warmUp, int steps) throws IOException, InterruptedException {
    Path script = Files.createTempFile("train_step", ".py");
    try (InputStream in =
        Objects.requireNonNull(TorchRival.class.getResourceAsStream("train_step.py"))) {
      Files.write(script, in.readAllBytes());
      Process process =
          new ProcessBuilder(
                  python,
                  script.toString(),
                  Integer.toString(threads),
                  Integer.toString(warmUp),
                  Integer.toString(steps))
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (process.waitFor() != 0) {
        throw new FlowException(
            ErrorCode.INTERNAL, python + ": exit " + process.exitValue() + " (expected: 0)");
      }
      return output.lines().map(Double::valueOf).toList();
    } finally {
      Files.delete(script);
    }
  }
}
