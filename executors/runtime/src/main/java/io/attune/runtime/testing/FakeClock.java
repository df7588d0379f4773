package io.attune.runtime.testing;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicLong;

/// A clock that stands still until a test moves it; starts at the epoch.
public final class FakeClock extends Clock {
  private final AtomicLong nanos = new AtomicLong();

  /// Moves the clock.
  public void advance(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  /// The time as [System#nanoTime] would give it.
  public long nanoTime() {
    return nanos.get();
  }

  @Override
  public Instant instant() {
    return Instant.EPOCH.plusNanos(nanos.get());
  }

  @Override
  public ZoneId getZone() {
    return ZoneOffset.UTC;
  }

  @Override
  public Clock withZone(ZoneId zone) {
    return Clock.fixed(instant(), zone);
  }
}
