package io.attune.runtime.testing;

import io.attune.runtime.Answer;
import io.attune.runtime.Call;
import io.attune.runtime.Endpoints;
import io.attune.runtime.Executor;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// A slow executor without a clock: a call of any endpoint waits until the test lets one through.
public final class GatedExecutor implements Executor {
  private final Semaphore arrived = new Semaphore(0);
  private final Semaphore gate = new Semaphore(0);
  private final AtomicInteger answered = new AtomicInteger();
  private final CountDownLatch closed = new CountDownLatch(1);

  @Override
  public void bind(Endpoints endpoints) {
    endpoints.read("/default", this::pass);
  }

  /// Waits until so many more calls have arrived.
  public void awaitArrivals(int count) throws InterruptedException {
    if (!arrived.tryAcquire(count, 30, TimeUnit.SECONDS)) {
      throw new AssertionError("%d calls have not arrived within 30 s".formatted(count));
    }
  }

  /// Calls that have arrived and that nobody waited for.
  public int arrivals() {
    return arrived.availablePermits();
  }

  /// Lets so many calls through.
  public void open(int count) {
    gate.release(count);
  }

  /// How many calls were let through.
  public int answered() {
    return answered.get();
  }

  /// Whether it was closed.
  public boolean closed() {
    return closed.getCount() == 0;
  }

  @Override
  public void close() {
    closed.countDown();
  }

  private Answer pass(Call call) throws InterruptedException {
    arrived.release();
    gate.acquire();
    answered.incrementAndGet();
    return Answer.unchanged();
  }
}
