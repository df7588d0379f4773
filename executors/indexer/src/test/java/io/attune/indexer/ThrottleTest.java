package io.attune.indexer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ThrottleTest {
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  private final AtomicLong clock = new AtomicLong(5);
  private final Throttle throttle = new Throttle(clock::get);

  /// Whether it lets the next batch through without a wait.
  private boolean isOpen() {
    AtomicInteger asked = new AtomicInteger();
    throttle.await(() -> asked.getAndIncrement() > 0 || throttle.nanosLeft() > 0);
    return throttle.nanosLeft() == 0;
  }

  @Test
  void goesAtOnceWithoutALimitAndWithoutSearches() {
    throttle.worked(1_000_000, SECOND);
    assertThat(throttle.nanosLeft()).isZero();
    assertThat(isOpen()).isTrue();
  }

  @Test
  void keepsToALimit() {
    throttle.set(10, false);
    throttle.worked(5, SECOND / 10);
    assertThat(throttle.nanosLeft()).isEqualTo(SECOND * 4 / 10);
    assertThat(isOpen()).isFalse();
    clock.addAndGet(SECOND * 4 / 10);
    assertThat(isOpen()).isTrue();
  }

  @Test
  void restsAsLongAsItWorkedWhereSearchesCameMeanwhile() {
    throttle.searched();
    throttle.worked(1, SECOND / 4);
    assertThat(throttle.nanosLeft()).isEqualTo(SECOND / 4);
    clock.addAndGet(SECOND);
    throttle.worked(1, SECOND / 4);
    assertThat(throttle.nanosLeft()).isZero();
    throttle.searched();
    throttle.worked(1, 100 * SECOND);
    assertThat(throttle.nanosLeft()).isEqualTo(SECOND);
  }

  @Test
  void waitsWhilePausedAndGoesOnAfterwards() throws Exception {
    throttle.set(0, true);
    assertThat(throttle.isPaused()).isTrue();
    CompletableFuture<Void> asked = new CompletableFuture<>();
    CompletableFuture<Void> waiting =
        CompletableFuture.runAsync(
            () ->
                throttle.await(() -> {
                  asked.complete(null);
                  return false;
                }),
            Thread.ofVirtual()::start);
    asked.get(1, TimeUnit.MINUTES);
    assertThat(waiting).isNotDone();
    throttle.set(0, false);
    waiting.get(1, TimeUnit.MINUTES);
  }
}
