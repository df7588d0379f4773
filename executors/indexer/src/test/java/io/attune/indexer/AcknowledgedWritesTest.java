package io.attune.indexer;

import static io.attune.indexer.PlantedSpaces.NEW;
import static io.attune.indexer.PlantedSpaces.OLD;
import static io.attune.proto.attune.RolloutState.LIVE;
import static io.attune.proto.attune.RolloutState.READY;
import static io.attune.proto.attune.RolloutState.REINDEXING;
import static io.attune.proto.attune.RolloutState.RETIRED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.indexer.FakeEmbedders.Barrier;
import io.attune.indexer.generation.View;
import io.attune.proto.attune.ModelStanding.Held;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A write that was answered is seen by every search that begins afterwards, in either generation,
/// also where the encoder of one of them hangs or is away and the write did not wait for it.
@Timeout(60)
class AcknowledgedWritesTest {
  @TempDir private Path folder;

  @SuppressWarnings("NullAway.Init") // by open
  private RolloutHarness index;

  private final List<Barrier> hanging = new ArrayList<>();
  private final AtomicBoolean waiting = new AtomicBoolean();

  @BeforeEach
  void open() throws IOException {
    index = open(Duration.ofMinutes(1));
    index.index(OLD, "a", "one", "b", "two");
  }

  /// Writes wait for next to nothing.
  private RolloutHarness open(Duration searchWait) throws IOException {
    return new RolloutHarness(folder, RolloutHarness.pace(Duration.ofMillis(20), searchWait));
  }

  @AfterEach
  void close() throws IOException {
    index.embedders.before = _ -> {};
    hanging.forEach(Barrier::open);
    index.close();
  }

  /// Lets the encoder of a space hang from now on.
  private Barrier hang(String space) {
    Barrier barrier = new Barrier(space);
    hanging.add(barrier);
    index.embedders.before = barrier;
    return barrier;
  }

  /// Whether a search of a space that begins now sees a document.
  private boolean sees(String space, String id) {
    Vectors.Checked query = new Vectors.Checked(PlantedSpaces.vector("one", space), space);
    try (View view = index.shard.admission().view(query, "document q", this::waits).orElseThrow()) {
      return view.contains(id);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void waits() {
    waiting.set(true);
  }

  private static CompletableFuture<Boolean> begun(BooleanSupplier search) {
    return CompletableFuture.supplyAsync(search::getAsBoolean, Thread.ofVirtual()::start);
  }

  /// Begins a search, and returns once it waits or has an answer.
  private CompletableFuture<Boolean> waiting(BooleanSupplier search) throws InterruptedException {
    waiting.set(false);
    CompletableFuture<Boolean> found = begun(search);
    await(() -> found.isDone() || waiting.get());
    return found;
  }

  private static void awaitTrue(CompletableFuture<Boolean> found) throws Exception {
    assertThat(found.get(1, TimeUnit.MINUTES)).isTrue();
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    while (!condition.getAsBoolean()) {
      Thread.sleep(1);
    }
  }

  @Test
  void alsoWhereTheNewGenerationFallsBehindBetweenTheLastLookAndTheFlip() throws Exception {
    index.move(READY); // the coordinator's last look
    Barrier barrier = hang(NEW);
    index.index(OLD, "d", "four");
    assertThat(sees(OLD, "d")).isTrue();
    assertThat(index.isReady(NEW)).isFalse();
    CompletableFuture<Boolean> found = waiting(() -> sees(NEW, "d")); // by a gateway that flipped
    barrier.open();
    awaitTrue(found);
  }

  @Test
  void alsoInTheOldGenerationWhenTheRolloutIsTakenBack() throws Exception {
    index.move(LIVE);
    Barrier barrier = hang(OLD);
    index.index(NEW, "d", "four");
    index.shard.delete(List.of("a"));
    assertThat(sees(NEW, "d")).isTrue();
    CompletableFuture<Boolean> found = waiting(() -> sees(OLD, "d") && !sees(OLD, "a"));
    barrier.open();
    awaitTrue(found);
  }

  /// What a coordinator looks at before searches go back.
  @Test
  void aGenerationThatLacksOneIsNotReadyAndTellsSo() throws Exception {
    index.move(READY);
    index.move(LIVE);
    assertThat(held()).allMatch(Held::getReady);
    Barrier barrier = hang(OLD);
    index.index(NEW, "d", "four");
    index.index(NEW, "e", "five");
    List<Held> held = held();
    assertThat(held).extracting(Held::getVersion).containsExactly("1", "2");
    assertThat(held).extracting(Held::getReady).containsExactly(false, true);
    assertThat(held).extracting(Held::getPosition).containsExactly(2L, 4L);
    barrier.open();
    await(() -> held().stream().allMatch(Held::getReady));
    assertThat(sees(OLD, "e")).isTrue();
  }

  private List<Held> held() {
    try {
      return Standing.of("indexer", IndexerConfig.defaults(), index.shard)
          .getModels(0)
          .getHeldList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void alsoWhereTheEncoderIsAway() throws Exception {
    index.move(LIVE);
    index.embedders.before =
        space -> {
          if (space.equals(OLD)) {
            throw FakeEmbedders.unavailable();
          }
        };
    index.index(NEW, "d", "four");
    CompletableFuture<Boolean> found = waiting(() -> sees(OLD, "d"));
    index.embedders.before = _ -> {};
    awaitTrue(found);
  }

  @Test
  void alsoAfterAKill() throws Exception {
    index.move(LIVE);
    index.index(OLD, "d", "of one who does not know yet");
    Barrier barrier = hang(NEW);
    index.reopen(true);
    barrier.awaitCome();
    CompletableFuture<Boolean> found = waiting(() -> sees(NEW, "d"));
    CompletableFuture<Boolean> filtered =
        waiting(() -> {
          try (Admission.Live live = index.shard.admission().live(this::waits).orElseThrow()) {
            return live.view().contains("d");
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
    barrier.open();
    awaitTrue(found);
    awaitTrue(filtered);
  }

  @Test
  void aSearchDoesNotWaitForEver() throws Exception {
    index.close();
    index = open(Duration.ofMillis(20));
    index.move(LIVE);
    Barrier barrier = hang(OLD);
    index.index(NEW, "d", "four");
    assertThatThrownBy(() -> sees(OLD, "d"))
        .isInstanceOfSatisfying(
            FlowException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE))
        .hasMessage(
            "space: old-space does not hold all documents yet (expected: a generation that is READY; try again later)");
    barrier.open();
    await(() -> index.shard.followers().isSearchable(OLD));
    assertThat(sees(OLD, "d")).isTrue();
  }

  @Test
  void searchesGoOnWhileASecondGenerationBegins() {
    List<Boolean> seen = new ArrayList<>();
    index.embedders.opening = () -> seen.add(sees(OLD, "a"));
    index.move(REINDEXING);
    assertThat(seen).isNotEmpty().doesNotContain(false);
  }

  @Test
  void searchesGoOnWhileTheFirstGenerationGoes() throws Exception {
    index.move(LIVE);
    CompletableFuture<Boolean> found =
        begun(() -> {
          while (index.shard.spaces().of(OLD) != null) {
            assertThat(sees(NEW, "a")).isTrue();
          }
          return sees(NEW, "a");
        });
    index.move(RETIRED);
    awaitTrue(found);
  }
}
