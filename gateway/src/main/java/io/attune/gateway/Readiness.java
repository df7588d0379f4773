package io.attune.gateway;

import io.attune.gateway.graph.Plans;
import io.attune.runtime.Access;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.channel.Discovery;
import io.attune.runtime.channel.ExecutorChannel;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Asks executors which endpoints they answer, and goes on asking until they do.
final class Readiness {
  private static final Logger log = LoggerFactory.getLogger(Readiness.class);
  private static final long PAUSE_MILLIS = 200;
  private static final long TELL_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final CountDownLatch cancelled = new CountDownLatch(1);
  private final Consumer<String> waiting;

  /// @param waiting told what is waited for
  Readiness(Consumer<String> waiting) {
    this.waiting = waiting;
  }

  /// Gives up at once.
  void cancel() {
    cancelled.countDown();
  }

  /// What an executor answers; blocks until it is known.
  ///
  /// @param atMost how long to wait; null for ever
  /// @throws FlowException where that time is over or [#cancel] was called
  Discovery await(ExecutorChannel executor, @Nullable Duration atMost) throws InterruptedException {
    long start = System.nanoTime();
    long told = start;
    while (true) {
      FlowException failure;
      try {
        return executor.discover();
      } catch (FlowException e) {
        failure = e;
      }
      if (cannotTell(executor, failure)) {
        log.atWarn()
            .addKeyValue("executor", executor.name())
            .addKeyValue("cause", failure.getMessage())
            .log("executor serves but does not tell its endpoints: it gets every request");
        return new Discovery(Map.of(Plans.DEFAULT, Access.READ));
      }
      String reason = "waiting for executor " + failure.getMessage();
      waiting.accept(reason);
      if (System.nanoTime() - told > TELL_NANOS) {
        told = System.nanoTime();
        log.atWarn()
            .addKeyValue("executor", executor.name())
            .addKeyValue("cause", failure.getMessage())
            .log("waiting for executor");
      }
      boolean late = atMost != null && System.nanoTime() - start > atMost.toNanos();
      if (cancelled.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS) || late) {
        throw new FlowException(
            ErrorCode.UNAVAILABLE, reason + (late ? ": gave up" : ": stopped"), failure);
      }
    }
  }

  /// Whether a peer will never tell its endpoints: it has no discovery, or serves with one that
  /// fails, as Jina's stand-alone Deployments do under docarray before 0.30.
  private static boolean cannotTell(ExecutorChannel executor, FlowException failure) {
    return failure.code() == ErrorCode.UNIMPLEMENTED
        || (failure.code() == ErrorCode.INTERNAL && executor.serving());
  }
}
