package io.attune.gateway.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class StreamLimitsTest {
  @Test
  void aStreamGetsWhatItsCallerAsksForWithinItsShare() {
    StreamLimits limits = new StreamLimits(100, 1_000, 10);
    limits.opened();
    assertThat(limits.window(0, 1)).as("the Flow's prefetch").isEqualTo(10);
    assertThat(limits.window(40, 1)).as("the caller's prefetch").isEqualTo(40);
    assertThat(limits.window(1_000, 1)).as("all places").isEqualTo(100);
    assertThat(limits.window(1_000, 50)).as("of large messages").isEqualTo(20);
    assertThat(limits.window(1_000, 5_000)).as("one at least").isEqualTo(1);
  }

  @Test
  void openStreamsShareThePlaces() {
    StreamLimits limits = new StreamLimits(100, 1_000, 0);
    limits.opened();
    assertThat(limits.window(0, 1)).as("0 is no limit of its own").isEqualTo(100);
    limits.opened();
    limits.opened();
    limits.opened();
    assertThat(limits.window(0, 1)).isEqualTo(25);
    limits.closed();
    limits.closed();
    limits.closed();
    assertThat(limits.window(0, 1)).isEqualTo(100);
  }
}
