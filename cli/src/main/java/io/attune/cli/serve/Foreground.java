package io.attune.cli.serve;

import io.attune.cli.Console;
import java.util.concurrent.CountDownLatch;

/// Keeps a server in the foreground until the process is told to stop (Ctrl-C, SIGTERM), then stops
/// it in order before the process ends.
final class Foreground {
  private Foreground() {}

  /// Waits for the end; does not return before the process ends.
  static void serve(Console console, String what, AutoCloseable server)
      throws InterruptedException {
    CountDownLatch never = new CountDownLatch(1);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(console, what, server), "stop"));
    never.await();
  }

  private static void stop(Console console, String what, AutoCloseable server) {
    console.note("stopping " + what + ": finishing what was accepted");
    try {
      server.close();
      console.note(what + " stopped");
    } catch (Exception failure) {
      console.error(what + " did not stop cleanly: " + failure.getMessage());
    }
  }
}
