package io.attune.cli.train;

import io.attune.trainer.run.ProgressListener;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The runs of a folder of this machine, or those of a trainer.
///
/// A run is named by `experiment/run`, or by `run` where only one experiment has it.
sealed interface RunsAccess extends AutoCloseable permits LocalRuns, RemoteRuns {
  /// What was saved.
  ///
  /// @param run whose model it is
  /// @param artifact its name and version
  /// @param zip where it was written
  record Saved(RunRow run, String artifact, Path zip) {}

  /// Where they are, for messages.
  String where();

  /// All runs, the newest last.
  ///
  /// @param experiment of this one only; null for all
  List<RunRow> list(@Nullable String experiment);

  RunRow get(String run);

  /// Tells what happened, those of the past first.
  ///
  /// @param follow whether to go on until the run is over
  /// @return how it stands then
  RunRow events(String run, boolean follow, ProgressListener listener) throws InterruptedException;

  /// Tells the lines of its log, the same way.
  RunRow logs(String run, boolean follow, Consumer<String> line) throws InterruptedException;

  /// Asks a run to stop, and kills it where it does not within the grace.
  RunRow cancel(String run, Duration grace) throws InterruptedException;

  /// Removes a run that is not running.
  void delete(String run);

  /// Writes the model that a run published into a folder.
  Saved save(String run, Path folder) throws IOException;

  @Override
  void close();
}
