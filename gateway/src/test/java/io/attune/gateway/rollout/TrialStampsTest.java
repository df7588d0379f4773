package io.attune.gateway.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.attune.gateway.rollout.trial.Trial;
import io.attune.gateway.router.LiveModels.Shadow;
import io.attune.gateway.router.LiveModels.Stamp;
import io.attune.proto.attune.TrialCount;
import io.attune.runtime.ModelVersion;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Which searches get a version that is tried.
@Timeout(60)
class TrialStampsTest {
  private static final ModelVersion ONE = new ModelVersion("m", 1);
  private static final ModelVersion TWO = new ModelVersion("m", 2);
  private static final ModelVersion OTHER = new ModelVersion("other", 7);
  private static final int SEARCHES = 10_000;

  private final Stamps stamps = new Stamps(List.of(ONE, OTHER));

  private static Trial trial(String rollout, double share) {
    return new Trial(new Trial.Terms(rollout, ONE, TWO, share, false));
  }

  private ModelVersion searched(String who) {
    Stamp stamp = stamps.search(List.of(), () -> who);
    try {
      return stamp.models().stream().filter(each -> each.name().equals("m")).findFirst().get();
    } finally {
      stamp.release();
    }
  }

  @Test
  void givesTheShareOfTheSearchesTheNewVersionAlwaysTheSame() {
    stamps.live(ONE, Set.of(), trial("r1", 0.3));
    List<ModelVersion> first = new ArrayList<>();
    for (int i = 0; i < SEARCHES; i++) {
      first.add(searched("session " + i));
    }
    double deviation = Math.sqrt(SEARCHES * 0.3 * 0.7);
    assertThat((double) first.stream().filter(TWO::equals).count())
        .isCloseTo(SEARCHES * 0.3, within(4 * deviation));
    Stamps gateway = new Stamps(List.of(ONE, OTHER));
    gateway.live(ONE, Set.of(), trial("r1", 0.3));
    for (int i = 0; i < SEARCHES; i++) {
      assertThat(searched("session " + i)).isEqualTo(first.get(i));
      String who = "session " + i;
      Stamp elsewhere = gateway.search(List.of(), () -> who);
      assertThat(elsewhere.models()).contains(first.get(i));
    }
  }

  @Test
  void drawsAnewInAnotherRollout() {
    Trial one = trial("r1", 0.5);
    Trial two = trial("r2", 0.5);
    long both = 0;
    for (int i = 0; i < SEARCHES; i++) {
      both += one.draws("query " + i) && two.draws("query " + i) ? 1 : 0;
    }
    assertThat((double) both)
        .isCloseTo(SEARCHES / 4.0, within(4 * Math.sqrt(SEARCHES * 0.25 * 0.75)));
  }

  @Test
  void givesItToSearchesOnlyWhoseCallerChoseNothing() {
    Trial trial = trial("r1", 1);
    stamps.live(ONE, Set.of(), trial);
    assertThat(searched("a")).isEqualTo(TWO);
    Stamp write = stamps.stamp(List.of());
    ModelVersion three = new ModelVersion("m", 3);
    Stamp chosen = stamps.search(List.of(three), () -> "a");
    assertThat(write.models()).containsExactly(ONE, OTHER);
    assertThat(chosen.models()).containsExactlyInAnyOrder(three, OTHER);
    write.ended(true, 1);
    chosen.ended(true, 1);
    assertThat(trial.count().getFrom().getSearches()).isZero();
    assertThat(trial.count().getTo().getSearches()).isZero();
  }

  @Test
  void countsASearchOfTheShareAsOneOfBothVersions() {
    Trial trial = trial("r1", 1);
    stamps.live(ONE, Set.of(), trial);
    Stamp search = stamps.search(List.of(), () -> "a");
    assertThat(search.models()).containsExactlyInAnyOrder(TWO, OTHER);
    assertThat(stamps.underWay(ONE)).isEqualTo(1);
    assertThat(stamps.underWay(TWO)).isEqualTo(1);
    stamps.live(ONE, Set.of(TWO));
    assertThat(stamps.underWay(TWO)).isEqualTo(1);
    assertThat(searched("a")).isEqualTo(ONE);
    search.hold();
    search.release();
    search.ended(false, 1);
    search.release();
    assertThat(stamps.underWay(TWO)).isZero();
    assertThat(stamps.underWay(ONE)).isZero();
    assertThat(trial.count().getTo().getErrors()).isEqualTo(1);
  }

  @Test
  void leavesTheTrialsOfOtherModelsAsTheyAre() {
    stamps.live(ONE, Set.of(), trial("r1", 1));
    stamps.live(new ModelVersion("other", 8), Set.of(OTHER));
    assertThat(searched("a")).isEqualTo(TWO);
    stamps.live(TWO, Set.of());
    assertThat(searched("a")).isEqualTo(TWO);
    stamps.live(ONE, Set.of());
    assertThat(searched("a")).isEqualTo(ONE);
  }

  @Test
  void answersTheShareWithTheOldVersionAndAsksAgainInShadow() {
    Trial trial = new Trial(new Trial.Terms("r1", ONE, TWO, 0.5, true));
    stamps.live(ONE, Set.of(), trial);
    long drawn = 0;
    for (int i = 0; i < 100; i++) {
      String who = "query " + i;
      Stamp search = stamps.search(List.of(), () -> who);
      assertThat(search.models()).containsExactly(ONE, OTHER);
      search.ended(true, 1_000);
      search.release();
      assertThat(search.shadows()).hasSize(trial.draws(who) ? 1 : 0);
      for (Shadow shadow : search.shadows()) {
        drawn++;
        Stamp again = Objects.requireNonNull(shadow.stamp());
        assertThat(again.models()).containsExactlyInAnyOrder(TWO, OTHER);
        assertThat(stamps.underWay(TWO)).isEqualTo(1);
        again.ended(true, 1_000);
        again.release();
        assertThat(stamps.underWay(TWO)).isZero();
        shadow.agreed(0.5);
      }
    }
    assertThat(drawn).isBetween(20L, 80L);
    TrialCount count = trial.count();
    assertThat(count.getFrom().getSearches()).isEqualTo(drawn);
    assertThat(count.getTo().getSearches()).isEqualTo(drawn);
    assertThat(count.getCompared()).isEqualTo(drawn);
    assertThat(count.getAgreement()).isEqualTo(drawn / 2.0);
  }

  @Test
  void asksTheShareOfACanaryAgainAtTheOldVersionAndCountsNoneOfThat() {
    Trial trial = trial("r1", 0.5);
    stamps.live(ONE, Set.of(), trial);
    long drawn = 0;
    for (int i = 0; i < 100; i++) {
      String who = "query " + i;
      Stamp search = stamps.search(List.of(), () -> who);
      search.ended(true, 1_000);
      search.release();
      assertThat(search.shadows()).hasSize(trial.draws(who) ? 1 : 0);
      for (Shadow shadow : search.shadows()) {
        drawn++;
        Stamp again = Objects.requireNonNull(shadow.stamp());
        assertThat(again.models()).containsExactly(ONE, OTHER);
        assertThat(again.shadows()).isEmpty();
        assertThat(stamps.underWay(ONE)).isEqualTo(1);
        assertThat(stamps.underWay(TWO)).isZero();
        again.ended(false, 1_000_000);
        again.release();
        assertThat(stamps.underWay(ONE)).isZero();
        shadow.agreed(0.25);
      }
    }
    assertThat(drawn).isBetween(20L, 80L);
    TrialCount count = trial.count();
    assertThat(count.getTo().getSearches()).isEqualTo(drawn);
    assertThat(count.getFrom().getSearches()).isEqualTo(100 - drawn);
    assertThat(count.getFrom().getErrors()).isZero();
    assertThat(count.getCompared()).isEqualTo(drawn);
    assertThat(count.getAgreement()).isEqualTo(drawn / 4.0);
  }

  @Test
  void asksAgainWithOneVersionChangedWhereSeveralAreTried() {
    ModelVersion next = new ModelVersion("other", 8);
    Trial canary = trial("r1", 1);
    Trial shadowed = new Trial(new Trial.Terms("r2", OTHER, next, 1, true));
    stamps.live(ONE, Set.of(), canary);
    stamps.live(OTHER, Set.of(), shadowed);
    Stamp search = stamps.search(List.of(), () -> "a");
    assertThat(search.models()).containsExactlyInAnyOrder(TWO, OTHER);
    assertThat(search.shadows()).hasSize(2);
    Stamp old = Objects.requireNonNull(search.shadows().get(0).stamp());
    Stamp both = Objects.requireNonNull(search.shadows().get(1).stamp());
    assertThat(old.models()).containsExactlyInAnyOrder(ONE, OTHER);
    assertThat(both.models()).containsExactlyInAnyOrder(TWO, next);
    both.ended(true, 1_000);
    assertThat(shadowed.count().getTo().getSearches()).isEqualTo(1);
    assertThat(canary.count().getTo().getSearches()).isZero();
    search.release();
    old.release();
    both.release();
    stamps.live(ONE, Set.of(TWO));
    assertThat(search.shadows().get(1).stamp()).as("its answer had a version that goes").isNull();
    assertThat(stamps.underWay(TWO)).isZero();
    assertThat(stamps.underWay(next)).isZero();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void asksNothingAgainOnceTheTrialIsOver(boolean isShadow) {
    stamps.live(ONE, Set.of(), new Trial(new Trial.Terms("r1", ONE, TWO, 1, isShadow)));
    Stamp search = stamps.search(List.of(), () -> "a");
    Stamp late = stamps.search(List.of(), () -> "a");
    Shadow shadow = search.shadows().getFirst();
    stamps.live(TWO, Set.of());
    assertThat(shadow.stamp()).isNull();
    stamps.live(ONE, Set.of(TWO));
    assertThat(late.shadows().getFirst().stamp()).isNull();
    search.release();
    late.release();
    assertThat(stamps.underWay(ONE)).isZero();
    assertThat(stamps.underWay(TWO)).isZero();
  }

  /// Threads search while trials come and go. Whoever has a version that is said to be gone is
  /// counted in `wrong`; every search is counted once, in the version that it had.
  @Test
  void hasNobodyLeftOfAVersionOnceTheCountIsZero() throws Exception {
    AtomicBoolean stop = new AtomicBoolean();
    AtomicIntegerArray gone = new AtomicIntegerArray(1_000);
    AtomicLong wrong = new AtomicLong();
    AtomicLong tried = new AtomicLong();
    List<Future<?>> callers = new ArrayList<>();
    long counted = 0;
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      for (int i = 0; i < 4; i++) {
        int seed = i;
        callers.add(
            threads.submit(() -> {
              for (int n = seed; !stop.get(); n += 4) {
                String who = "query " + n;
                Stamp stamp = stamps.search(List.of(), () -> who);
                int version =
                    stamp.models().stream()
                        .filter(each -> each.name().equals("m"))
                        .findFirst()
                        .get()
                        .version();
                if (gone.get(version) != 0) {
                  wrong.incrementAndGet();
                }
                tried.addAndGet(version == 1 ? 0 : 1);
                stamp.ended(true, 1_000);
                stamp.release();
              }
            }));
      }
      for (int version = 2; version < gone.length(); version++) {
        ModelVersion to = new ModelVersion("m", version);
        Trial trial = new Trial(new Trial.Terms("r" + version, ONE, to, 0.5, false));
        stamps.live(ONE, Set.of(), trial);
        FlowWorld.until(() -> trial.count().getTo().getSearches() > 0);
        stamps.live(ONE, Set.of(to));
        FlowWorld.until(() -> stamps.underWay(to) == 0);
        gone.set(version, 1);
        TrialCount count = trial.count();
        counted += count.getTo().getSearches();
      }
      stop.set(true);
    }
    for (Future<?> caller : callers) {
      caller.get();
    }
    assertThat(wrong).hasValue(0);
    assertThat(tried).hasValue(counted);
    assertThat(stamps.underWay(ONE)).isZero();
  }
}
