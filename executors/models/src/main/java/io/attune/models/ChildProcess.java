package io.attune.models;

import io.attune.models.process.ChildJvm;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A JVM that tries a model, and is waited for.
final class ChildProcess {
  /// The heap that trying a model of usual size takes.
  static final long HEAP_BYTES = 512L << 20;

  /// What it logs nobody reads, and a logging library takes a while to load.
  private static final String NO_LOGS =
      "-Dslf4j.provider=org.slf4j.helpers.NOP_FallbackServiceProvider";

  private final Path folder;
  private final ChildJvm jvm;

  /// @param main the class to run, given the folder as its one argument
  /// @param folder where it works: its temporary files, its output
  /// @param heapBytes the most its heap may grow to
  ChildProcess(Class<?> main, Path folder, long heapBytes) {
    this.folder = folder;
    this.jvm =
        new ChildJvm(
            main,
            List.of(folder.toString()),
            heapBytes,
            folder,
            List.of("-XX:TieredStopAtLevel=1", NO_LOGS));
  }

  /// Runs it and waits.
  ///
  /// @param what what it tries, for the message
  /// @throws FlowException where it does not end by itself, in time and with 0
  void run(Duration timeout, String what) throws IOException {
    Path output = folder.resolve("output.txt");
    Process process = jvm.start(output);
    try {
      if (!process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
        throw FlowException.invalid(
            "%s: the process that tried it was not done after %d s (expected: a model that runs; or"
                    .formatted(what, timeout.toSeconds())
                + " give it more time)");
      }
      if (process.exitValue() != 0) {
        throw FlowException.invalid(
            "%s: the process that tried it %s (expected: a model that ONNX Runtime loads and runs"
                    .formatted(what, ChildJvm.ending(process.exitValue()))
                + " within its memory)"
                + ChildJvm.lastWords(output, 0).map(words -> "; it said: " + words).orElse(""));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new FlowException(ErrorCode.CANCELLED, what + ": interrupted while it was tried", e);
    } finally {
      ChildJvm.end(process);
    }
  }
}
