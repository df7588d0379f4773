package io.attune.cli;

import java.io.PrintStream;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/// Where commands print: results to standard output, everything else to standard error.
///
/// @param out results; nothing else is ever written to it
/// @param err progress, notes, errors
public record Console(PrintStream out, PrintStream err) {
  /// Prints a line of the result.
  public void print(String line) {
    out.println(line);
  }

  /// Prints a note that is not part of the result.
  public void note(String line) {
    err.println(Excerpt.harmless(line));
  }

  /// Prints an error.
  public void error(String message) {
    err.println("attune: " + Excerpt.harmless(message));
  }

  /// Prints what to do about an error.
  public void hint(String message) {
    err.println("  hint: " + Excerpt.harmless(message));
  }

  /// Whether standard error is a terminal; the launcher looks, for a JVM cannot.
  public static boolean hasTerminal() {
    return Boolean.getBoolean("attune.terminal");
  }

  /// Whether a person can answer on standard input; the launcher looks.
  public static boolean canAsk() {
    return Boolean.getBoolean("attune.asks");
  }

  /// Progress over a number of steps: a bar on a terminal, a line each tenth otherwise.
  ///
  /// @param total the number of steps; -1 where it is not known
  public Progress progress(String task, long total, String unit) {
    return hasTerminal() ? new Bar(task, total, unit, err) : new Lines(task, total, unit, err);
  }

  /// Progress of long work; closed when it is done.
  public interface Progress extends AutoCloseable {
    /// Counts finished steps.
    void step(long steps);

    /// Says how many steps are finished in all; fewer than before is nothing new.
    void to(long finished);

    /// Says what is shown beside the steps from now on, such as a loss.
    void beside(String text);

    @Override
    void close();
  }

  private static final class Bar implements Progress {
    private final ProgressBar bar;

    Bar(String task, long total, String unit, PrintStream err) {
      bar =
          new ProgressBarBuilder()
              .setTaskName(task)
              .setInitialMax(total)
              .setUnit(" " + unit, 1)
              .setStyle(ProgressBarStyle.UNICODE_BLOCK)
              .setUpdateIntervalMillis(100)
              .showSpeed()
              .setConsumer(new ConsoleProgressBarConsumer(err, 100))
              .build();
    }

    @Override
    public void step(long steps) {
      bar.stepBy(steps);
    }

    @Override
    public void to(long finished) {
      bar.stepTo(Math.max(bar.getCurrent(), finished));
    }

    @Override
    public void beside(String text) {
      bar.setExtraMessage(text);
    }

    @Override
    public void close() {
      bar.close();
    }
  }

  private static final class Lines implements Progress {
    private final String task;
    private final long total;
    private final String unit;
    private final PrintStream err;
    private String beside = "";
    private long done;
    private long shownTenths;
    private long nextShown = 1_000;

    Lines(String task, long total, String unit, PrintStream err) {
      this.task = task;
      this.total = total;
      this.unit = unit;
      this.err = err;
    }

    @Override
    public synchronized void step(long steps) {
      to(done + steps);
    }

    @Override
    public synchronized void to(long finished) {
      done = Math.max(done, finished);
      if (total < 0) {
        showUnknown();
        return;
      }
      long tenths = total == 0 ? 10 : done * 10 / total;
      if (tenths > shownTenths) {
        shownTenths = tenths;
        err.printf("%s: %,d of %,d %s%s%n", task, done, total, unit, beside);
      }
    }

    @Override
    public synchronized void beside(String text) {
      beside = ", " + text;
    }

    /// A line each time twice as much is done.
    private void showUnknown() {
      if (done >= nextShown) {
        err.printf("%s: %,d %s%s%n", task, done, unit, beside);
        nextShown = 2 * done;
      }
    }

    @Override
    public void close() {}
  }
}
