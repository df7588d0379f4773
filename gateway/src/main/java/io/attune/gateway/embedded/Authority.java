package io.attune.gateway.embedded;

import java.time.Duration;
import java.util.function.LongConsumer;

/// Does something again and again, told when it began, as [System#nanoTime] has it.
final class Authority implements AutoCloseable {
  private final Duration pause;
  private final LongConsumer check;
  private final Thread thread = Thread.ofVirtual().name("authority").unstarted(this::run);

  /// Does it at once, and starts.
  Authority(Duration pause, LongConsumer check) {
    this.pause = pause;
    this.check = check;
    check.accept(System.nanoTime());
    thread.start();
  }

  private void run() {
    try {
      while (true) {
        Thread.sleep(pause);
        check.accept(System.nanoTime());
      }
    } catch (InterruptedException _) {
      // closed
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
