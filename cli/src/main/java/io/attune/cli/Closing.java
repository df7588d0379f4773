package io.attune.cli;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CountDownLatch;

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

  /// Closes a server with the rest, and says so: what it accepted it still answers.
  ///
  /// @param what the server, as people call it
  public <T extends AutoCloseable> T with(String what, T server) {
    with(() -> {
      console.note("stopping " + what + ": finishing what was accepted");
      server.close();
      console.note(what + " stopped");
    });
    return server;
  }

  /// Waits until the process is told to stop; does not return before it ends.
  public void untilProcessStops() throws InterruptedException {
    new CountDownLatch(1).await();
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
        console.error("did not close cleanly: " + failure.getMessage());
      }
    }
  }
}
