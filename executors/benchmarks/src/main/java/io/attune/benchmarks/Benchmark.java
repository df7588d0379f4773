package io.attune.benchmarks;

import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;

/// A program that measures something of ours against a rival. Its measures begin with its name, and
/// are listed in `docs/benchmarks.md`.
public interface Benchmark {
  /// The name on the command line, such as `encode`.
  String name();

  /// What it measures, in one line.
  String description();

  /// Runs it.
  ///
  /// @param progress takes a line at a time
  /// @return its measures, in the order in which they are to be shown; not empty
  /// @throws IOException if a file or a child process fails
  /// @throws InterruptedException if it was interrupted; nothing is left running
  List<BenchResult> run(BenchOptions options, Consumer<String> progress)
      throws IOException, InterruptedException;
}
