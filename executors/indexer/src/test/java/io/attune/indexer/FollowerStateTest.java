package io.attune.indexer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class FollowerStateTest {
  private static FollowerState ready(long position) {
    FollowerState state = new FollowerState(position, position, false);
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
  }

  @Test
  void arrivesOnlyWhenItHasPassedAllFromBeforeTheGate() {
    FollowerState state = new FollowerState(3, 5, false);
    state.closeGate();
    state.goal(5);
    state.pass(4);
    assertThat(state.isArriving()).isFalse();
    state.pass(5);
    assertThat(state.isArriving()).isTrue();
    state.fallBehind("away");
    state.arrive();
    assertThat(state.isReady()).isFalse();
    assertThat(state.holdsAnswered()).isFalse();
  }

  @Test
  void holdsWhatWasAnsweredOnlyOnceItHasPassedIt() {
    FollowerState state = ready(5);
    state.fallBehind("away");
    assertThat(state.holdsAnswered()).isTrue();
    assertThat(state.awaitPassed(7, Duration.ofMinutes(1))).isTrue();
    state.pass(6);
    assertThat(state.holdsAnswered()).isFalse();
    assertThat(state.awaitAnswered(Duration.ZERO, () -> {})).isFalse();
    state.pass(7);
    assertThat(state.holdsAnswered()).isTrue();
    assertThat(state.awaitAnswered(Duration.ZERO, () -> {})).isTrue();
  }

  @Test
  void noSearchWaitsForACopyOrOnceItIsClosed() {
    assertThat(new FollowerState(3, 3, true).awaitAnswered(Duration.ofMinutes(1), () -> {}))
        .isFalse();
    FollowerState closed = new FollowerState(3, 4, false);
    closed.close();
    assertThat(closed.awaitAnswered(Duration.ofMinutes(1), () -> {})).isFalse();
  }

  @Test
  void aSearchEndsWhenNobodyWantsItAnyMore() {
    FollowerState state = new FollowerState(3, 4, false);
    assertThatThrownBy(() ->
            state.awaitAnswered(
                Duration.ofMinutes(1),
                () -> {
                  throw new FlowException(ErrorCode.CANCELLED, "call: cancelled");
                }))
        .hasMessage("call: cancelled");
  }

  @Test
  void restsShortlyWhileASearchWaits() throws InterruptedException {
    FollowerState state = ready(3);
    state.fallBehind("away");
    assertThat(state.awaitPassed(4, Duration.ZERO)).isTrue();
    Thread resting =
        Thread.ofVirtual()
            .start(() -> {
              state.rest(Duration.ofHours(1), Duration.ofMillis(1));
              state.pass(4);
            });
    assertThat(state.awaitAnswered(Duration.ofMinutes(1), () -> {})).isTrue();
    resting.join();
  }
}
