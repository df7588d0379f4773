package io.attune.trainer.run;

import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/// Reads what a run's process writes, from any process: the folder is the connection, so following
/// can begin and end at any time, and begins again where a follower died. It looks more and more
/// seldom while nothing comes, up to four times a second.
public final class RunFollower {
  private static final long LEAST_PAUSE_MILLIS = 20;
  private static final long MOST_PAUSE_MILLIS = 250;

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
    return until(() -> {
      List<String> next = log.next();
      next.forEach(line);
      return !next.isEmpty();
    });
  }

  /// Tells the events that came since the last call.
  ///
  /// @return whether any did
  boolean nextEvents(ProgressListener listener) {
    List<String> next = metrics.next();
    for (String line : next) {
      listener.on(reader.read(line, ++lines));
    }
    return !next.isEmpty();
  }

  private RunState until(BooleanSupplier read) throws InterruptedException {
    long pause = LEAST_PAUSE_MILLIS;
    while (true) {
      RunState state = folder.state(); // before reading, so that nothing written last is missed
      boolean some = read.getAsBoolean();
      if (state.status().isOver()) {
        return state;
      }
      pause = some ? LEAST_PAUSE_MILLIS : Math.min(2 * pause, MOST_PAUSE_MILLIS);
      Thread.sleep(pause);
    }
  }
}
