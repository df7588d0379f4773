package io.attune.indexer;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class FollowerStateTest {
  private static FollowerState ready(long position) {
    FollowerState state = new FollowerState(position, false, true);
    state.closeGate();
    state.goal(position);
    assertThat(state.isArriving()).isTrue();
    state.arrive();
    assertThat(state.isReady()).isTrue();
    return state;
  }

  @Test
  void isReadyOnlyWhileWritesWaitForIt() {
    FollowerState state = ready(5);
    assertThat(state.awaitPassed(5, Duration.ofMinutes(1))).isTrue();
    assertThat(state.awaitPassed(6, Duration.ZERO)).isFalse();
    assertThat(state.isReady()).isFalse();
    assertThat(state.progress().problem()).isEqualTo("writes had to wait for more than 0 ms");
    assertThat(state.awaitPassed(6, Duration.ofMinutes(1))).isTrue();
  }

  @Test
  void isNotReadyOnceItIsClosed() {
    FollowerState state = ready(5);
    state.close();
    assertThat(state.awaitPassed(6, Duration.ofMinutes(1))).isTrue();
    assertThat(state.isReady()).isFalse();
    assertThat(state.wasReady()).isTrue();
  }

  @Test
  void arrivesOnlyWhenItHasPassedAllFromBeforeTheGate() {
    FollowerState state = new FollowerState(3, false, false);
    state.closeGate();
    state.goal(5);
    state.pass(4);
    assertThat(state.isArriving()).isFalse();
    state.pass(5);
    assertThat(state.isArriving()).isTrue();
    state.fallBehind("away");
    state.arrive();
    assertThat(state.isReady()).isFalse();
    assertThat(state.wasReady()).isFalse();
  }
}
