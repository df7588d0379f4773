package io.attune.cli;

import java.util.ArrayDeque;
import java.util.Deque;

/// Closes what a command opened, the last first: at the end of the command, or before that when the
/// process is told to stop (Ctrl-C, SIGTERM).
public final class Closing implements AutoCloseable {
  private static volatile boolean processStops;

  private final Console console;
  private final Deque<AutoCloseable> open = new ArrayDeque<>();
  private final Thread hook = new Thread(this::stop, "close");

  /// Closes nothing yet.
  public Closing(Console console) {
    this.console = console;
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /// Whether the process was told to stop: what fails from now on fails because of that.
  public static boolean processStops() {
    return processStops;
  }

  /// Closes this with the rest.
  public synchronized <T extends AutoCloseable> T with(T resource) {
    open.push(resource);
    return resource;
  }

  private void stop() {
    processStops = true;
    closeAll();
  }

  @Override
  public void close() {
    if (!processStops) {
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException _) {
        return; // the process stops, and the hook closes
      }
    }
    closeAll();
  }

  private synchronized void closeAll() {
    while (!open.isEmpty()) {
      AutoCloseable resource = open.pop();
      try {
        resource.close();
      } catch (Exception failure) {
        console.error(
            "%s did not close cleanly: %s"
                .formatted(resource.getClass().getSimpleName(), failure.getMessage()));
      }
    }
  }
}
