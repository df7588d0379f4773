package io.attune.gateway.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.gateway.router.LiveModels;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.ModelVersion;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class StampsTest {
  private static final ModelVersion ONE = new ModelVersion("m", 1);
  private static final ModelVersion TWO = new ModelVersion("m", 2);
  private static final ModelVersion OTHER = new ModelVersion("other", 7);

  private final AtomicLong nanos = new AtomicLong(-5);
  private final Stamps stamps = new Stamps(List.of(ONE, OTHER), nanos::get);

  @Test
  void countsWhatIsUnderWayByVersion() {
    LiveModels.Stamp first = stamps.stamp(List.of());
    stamps.live(TWO, Set.of());
    LiveModels.Stamp second = stamps.stamp(List.of());
    assertThat(first.models()).containsExactly(ONE, OTHER);
    assertThat(second.models()).containsExactly(TWO, OTHER);
    assertThat(stamps.underWay(ONE)).isEqualTo(1);
    assertThat(stamps.underWay(TWO)).isEqualTo(1);
    assertThat(stamps.underWay(OTHER)).isEqualTo(2);
    first.hold();
    first.release();
    first.release();
    assertThat(stamps.underWay(ONE)).isZero();
    second.release();
    assertThat(stamps.underWay(OTHER)).isZero();
  }

  @Test
  void countsWhatCallersChoose() {
    stamps.live(TWO, Set.of());
    LiveModels.Stamp chosen = stamps.stamp(List.of(ONE));
    assertThat(chosen.models()).containsExactlyInAnyOrder(ONE, OTHER);
    assertThat(stamps.underWay(ONE)).isEqualTo(1);
    stamps.live(TWO, Set.of(ONE));
    assertThatThrownBy(() -> stamps.stamp(List.of(ONE)))
        .isInstanceOfSatisfying(
            FlowException.class,
            failure -> assertThat(failure.code()).isEqualTo(ErrorCode.UNAVAILABLE));
    chosen.release();
    assertThat(stamps.underWay(ONE)).isZero();
    assertThat(stamps.underWay(TWO)).isZero();
    stamps.live(TWO, Set.of());
    stamps.stamp(List.of(ONE)).release();
  }

  @Test
  void stampsNothingOnceItsTimeIsOver() {
    stamps.openUntil(10, "no coordinator");
    stamps.stamp(List.of()).release();
    nanos.set(10);
    assertThat(stamps.isOpen()).isFalse();
    assertThatThrownBy(() -> stamps.stamp(List.of()))
        .isInstanceOf(FlowException.class)
        .hasMessage("gateway: no coordinator");
    assertThat(stamps.underWay(ONE)).isZero();
    stamps.openUntil(20, "no coordinator");
    assertThat(stamps.isOpen()).isTrue();
    stamps.close("stops");
    assertThatThrownBy(() -> stamps.stamp(List.of())).hasMessage("gateway: stops");
  }

  /// Threads stamp requests while the version changes. Whoever has one that is said to be gone is
  /// counted in `wrong`.
  @Test
  void hasNobodyLeftOnceTheCountIsZero() throws Exception {
    AtomicBoolean stop = new AtomicBoolean();
    AtomicIntegerArray gone = new AtomicIntegerArray(500);
    AtomicLong wrong = new AtomicLong();
    List<Future<?>> callers = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      for (int i = 0; i < 4; i++) {
        callers.add(
            threads.submit(() -> {
              while (!stop.get()) {
                LiveModels.Stamp stamp = stamps.stamp(List.of());
                int version = stamp.models().getFirst().version();
                if (gone.get(version) != 0) {
                  wrong.incrementAndGet();
                }
                stamp.release();
              }
            }));
      }
      for (int version = 2; version < gone.length(); version++) {
        ModelVersion before = new ModelVersion("m", version - 1);
        stamps.live(new ModelVersion("m", version), Set.of(before));
        FlowWorld.until(() -> stamps.underWay(before) == 0);
        gone.set(version - 1, 1);
      }
      stop.set(true);
    }
    for (Future<?> caller : callers) {
      caller.get();
    }
    assertThat(wrong).hasValue(0);
  }
}
