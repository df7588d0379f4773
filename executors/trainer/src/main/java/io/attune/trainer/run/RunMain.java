package io.attune.trainer.run;

import io.attune.models.process.ProcessLimits;
import io.attune.models.process.TerminalSession;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;

/// The process that trains one run, from the inside. See [RunProcess] for the other side.
public final class RunMain {
  private RunMain() {}

  /// Trains the run of a folder and ends this process, whatever threads it has.
  ///
  /// @param arguments those of `main`: the run's folder
  public static void run(String[] arguments, Training training) {
    RunFolder run = RunFolder.at(Path.of(arguments[0]));
    TerminalSession.leave();
    try {
      run.begin();
    } catch (FlowException e) {
      if (Files.isDirectory(run.path())) {
        run.log("not begun: " + e.getMessage());
      }
      Runtime.getRuntime().halt(1);
    }
    Runtime.getRuntime().halt(train(run, training) ? 0 : 1);
  }

  private static boolean train(RunFolder run, Training training) {
    try {
      RunConfig config = run.config();
      ProcessLimits.setMemory(config.limits().memoryBytes());
      run.log("started, process " + ProcessHandle.current().pid());
      training.run(config, run, event -> tell(run, event));
      run.sync();
      if (run.isCancelRequested() && run.artifact().isEmpty()) {
        return cancelled(run, "at its end");
      }
      run.log("finished");
      run.end(RunStatus.FINISHED, "");
      return true;
    } catch (FlowException e) {
      String message = String.valueOf(e.getMessage());
      return e.code() == ErrorCode.CANCELLED ? cancelled(run, message) : failed(run, message, e);
    } catch (IOException | RuntimeException | Error e) {
      return failed(run, describe(e), e);
    }
  }

  private static void tell(RunFolder run, ProgressEvent event) {
    run.record(event);
    if (event instanceof ProgressEvent.Message message) {
      run.log(message.text());
    }
    if (event instanceof ProgressEvent.Step step && run.isCancelRequested()) {
      throw new FlowException(ErrorCode.CANCELLED, "after step " + step.step());
    }
  }

  private static boolean cancelled(RunFolder run, String when) {
    run.log("cancelled: " + when);
    run.end(RunStatus.CANCELLED, when);
    return false;
  }

  private static boolean failed(RunFolder run, String message, Throwable failure) {
    run.log("failed: " + message);
    StringWriter trace = new StringWriter();
    failure.printStackTrace(new PrintWriter(trace, true));
    trace.toString().lines().forEach(run::log);
    run.end(RunStatus.FAILED, message);
    return false;
  }

  private static String describe(Throwable failure) {
    String message = failure.getMessage();
    String type = failure.getClass().getSimpleName();
    return message == null ? type : type + ": " + message.lines().findFirst().orElse("");
  }
}
