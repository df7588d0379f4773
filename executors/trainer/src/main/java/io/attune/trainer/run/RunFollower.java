package io.attune.trainer.run;

import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/// Reads what a run's process writes, from any process: the folder is the connection, so following
/// can begin and end at any time, and begins again where a follower died.
public final class RunFollower {
  private static final Duration POLL = Duration.ofMillis(50);

  private final RunFolder folder;
  private final LineFile.Tail log;
  private final LineFile.Tail metrics;
  private final EventReader reader;
  private int lines;

  RunFollower(RunFolder folder, LineFile.Tail log, LineFile.Tail metrics, EventReader reader) {
    this.folder = folder;
    this.log = log;
    this.metrics = metrics;
    this.reader = reader;
  }

  /// Reads a line of the metrics.
  interface EventReader {
    ProgressEvent read(String line, int number);
  }

  /// Tells every event, those of the past first, until the run is over or fails to start.
  ///
  /// @return how it ended
  public RunState events(ProgressListener listener) throws InterruptedException {
    return until(() -> nextEvents(listener));
  }

  /// Tells every line of the log, those of the past first, until the run is over.
  ///
  /// @return how it ended
  public RunState log(Consumer<String> line) throws InterruptedException {
    return until(() -> log.next().forEach(line));
  }

  /// Tells the events that came since the last call.
  void nextEvents(ProgressListener listener) {
    List<String> next = metrics.next();
    for (String line : next) {
      listener.on(reader.read(line, ++lines));
    }
  }

  private RunState until(Runnable read) throws InterruptedException {
    while (true) {
      RunState state = folder.state(); // before reading, so that nothing written last is missed
      read.run();
      if (state.status().isOver()) {
        return state;
      }
      Thread.sleep(POLL);
    }
  }
}
