package io.attune.trainer.run;

import io.attune.models.process.ChildJvm;
import io.attune.models.process.ProcessId;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// The JVM that trains one run, seen from the process that started it.
///
/// All that it says goes through the run's folder, so it needs nobody to listen: it goes on where
/// the starter dies, and [RunFolder#follow] reads on from any process. It leaves the terminal's
/// session, so Ctrl-C reaches only the starter, which decides: `attune fit` cancels the run.
/// However it ends (an exception, `exit`, no heap, a crash in native code, killed), the run ends
/// with a status and a message.
public final class RunProcess {
  private static final long POLL_MILLIS = 50;

  private final RunFolder run;
  private final Process process;
  private final long output;
  private final RunFollower follower;

  private RunProcess(RunFolder run, Process process, long output) {
    this.run = run;
    this.process = process;
    this.output = output;
    this.follower = run.follow();
  }

  /// Starts a run, or an attempt to go on with one that failed or was cancelled.
  ///
  /// @param main the class whose `main` calls [RunMain#run] with the arguments it is given
  /// @throws FlowException (FAILED_PRECONDITION) where it is running or finished
  public static RunProcess start(RunFolder run, Class<?> main) {
    return start(run, main, List.of());
  }

  /// The same with more arguments for its main, after the run's folder.
  public static RunProcess start(RunFolder run, Class<?> main, List<String> more) {
    if (!run.isResumable()) {
      throw new FlowException(
          ErrorCode.FAILED_PRECONDITION,
          "run: %s is %s (expected: a run that is neither trained nor finished)"
              .formatted(run.id(), run.state().status()));
    }
    run.reopen();
    Path output = run.path().resolve(RunFolder.OUTPUT);
    try {
      Path temporary = Files.createDirectories(run.path().resolve("tmp"));
      long from = Files.exists(output) ? Files.size(output) : 0;
      List<String> arguments = new ArrayList<>(List.of(run.path().toString()));
      arguments.addAll(more);
      ChildJvm jvm =
          new ChildJvm(
              main,
              arguments,
              run.config().limits().heapBytes(),
              temporary,
              List.of("--add-modules=jdk.incubator.vector", "-Dai.djl.offline=true"));
      Process process = jvm.start(output);
      ProcessId.of(process.pid()).ifPresent(run::starting);
      return new RunProcess(run, process, from);
    } catch (IOException e) {
      throw RunStore.failed(run.path(), e);
    }
  }

  /// The run.
  public RunFolder run() {
    return run;
  }

  /// The number of its process.
  public long pid() {
    return process.pid();
  }

  /// Tells what happens until the process ends, and how the run ended.
  public RunState await(ProgressListener listener) throws InterruptedException {
    while (!process.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
      follower.nextEvents(listener);
    }
    RunState end = settle();
    follower.nextEvents(listener);
    return end;
  }

  /// Asks the run to stop, waits, and kills its process where it does not.
  ///
  /// @param grace how long it may take to come to the end of a step
  public RunState cancel(Duration grace) throws InterruptedException {
    run.requestCancel();
    if (!process.waitFor(grace.toMillis(), TimeUnit.MILLISECONDS)) {
      process.destroyForcibly().waitFor();
    }
    return settle();
  }

  /// Cancels a run that some process trains: it is asked to stop, and killed where it does not.
  ///
  /// @param grace how long it may take to come to the end of a step
  /// @throws FlowException (FAILED_PRECONDITION) where it is over already
  public static RunState cancel(RunFolder run, Duration grace) throws InterruptedException {
    RunState state = run.state();
    if (state.status().isOver()) {
      throw new FlowException(
          ErrorCode.FAILED_PRECONDITION,
          "run: %s is %s already (expected: a run that is not over)"
              .formatted(run.id(), state.status()));
    }
    run.requestCancel();
    ProcessId process = state.process();
    long end = System.nanoTime() + grace.toNanos();
    while (process != null && process.isAlive() && System.nanoTime() < end) {
      Thread.sleep(POLL_MILLIS);
    }
    boolean killed = process != null && process.isAlive();
    while (process != null && process.isAlive()) {
      process.kill();
      Thread.sleep(POLL_MILLIS);
    }
    return run.settle(killed ? "killed, not done within " + grace.toSeconds() + " s" : "stopped");
  }

  private RunState settle() {
    int exit = process.exitValue();
    String how =
        exit == 0
            ? "its process ended without a word"
            : "its process " + ChildJvm.ending(exit) + limits(exit) + run.lastWords(output);
    return run.settle(how);
  }

  private String limits(int exit) {
    RunLimits limits = run.config().limits();
    return ChildJvm.isOutOfHeap(exit)
        ? " (heap_mb: %d; expected: more, or a smaller batch_size)".formatted(limits.heapMb())
        : "";
  }
}
