package io.attune.indexer;

import static io.attune.indexer.PlantedSpaces.NEW;
import static io.attune.indexer.PlantedSpaces.OLD;
import static io.attune.proto.attune.RolloutState.LIVE;
import static io.attune.proto.attune.RolloutState.PREPARING;
import static io.attune.proto.attune.RolloutState.READY;
import static io.attune.proto.attune.RolloutState.REINDEXING;
import static io.attune.proto.attune.RolloutState.RETIRED;
import static io.attune.proto.attune.RolloutState.ROLLED_BACK;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.indexer.FakeEmbedders.Barrier;
import io.attune.proto.attune.RolloutState;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A shard's way through a rollout, state by state.
@Timeout(120)
class RolloutTest {
  @TempDir Path folder;
  private RolloutHarness index;

  @BeforeEach
  void open() throws IOException {
    index = new RolloutHarness(folder);
    index.index(OLD, "a", "one", "b", "two", "c", "three");
  }

  @AfterEach
  void close() throws IOException {
    index.embedders.before = _ -> {};
    index.close();
  }

  private CompletableFuture<Void> moving(RolloutState state) {
    return CompletableFuture.runAsync(() -> index.move(state), Thread.ofVirtual()::start);
  }

  private static void await(CompletableFuture<?> future) throws Exception {
    future.get(1, TimeUnit.MINUTES);
  }

  @Test
  void copiesEveryDocumentIntoTheOtherSpace() throws IOException {
    index.move(PREPARING);
    assertThat(index.shard.generations()).hasSize(1);
    index.move(REINDEXING);
    assertThat(index.texts(NEW)).isEqualTo(Map.of("a", "one", "b", "two", "c", "three"));
    assertThat(index.texts(OLD)).isEqualTo(index.texts(NEW));
  }

  @Test
  void aCopyNeverBeatsWhatWasWrittenSince() throws Exception {
    Barrier barrier = new Barrier(NEW);
    index.embedders.before = barrier;
    CompletableFuture<Void> moving = moving(READY);
    barrier.awaitCome();
    index.index(OLD, "b", "two again", "d", "four");
    index.shard.delete(List.of("a", "c"));
    index.index(OLD, "c", "three again");
    index.shard.delete(List.of("c"));
    barrier.open();
    await(moving);
    Map<String, String> expected = Map.of("b", "two again", "d", "four");
    assertThat(index.texts(OLD)).isEqualTo(expected);
    assertThat(index.texts(NEW)).isEqualTo(expected);
  }

  @Test
  void aCopyNeverBeatsAClear() throws Exception {
    Barrier barrier = new Barrier(NEW);
    index.embedders.before = barrier;
    CompletableFuture<Void> moving = moving(READY);
    barrier.awaitCome();
    index.shard.clear();
    index.index(OLD, "d", "four");
    barrier.open();
    await(moving);
    assertThat(index.texts(NEW)).isEqualTo(Map.of("d", "four"));
  }

  @Test
  void aWriteIsAnsweredWhenBothHoldIt() throws Exception {
    index.move(READY);
    for (String space : List.of(OLD, NEW, OLD, NEW)) {
      index.index(space, "a", "one of " + space, "x", "of " + space);
      assertThat(index.texts(OLD)).containsEntry("a", "one of " + space).hasSize(4);
      assertThat(index.texts(NEW)).isEqualTo(index.texts(OLD));
    }
    Barrier barrier = new Barrier(NEW);
    index.embedders.before = barrier;
    CompletableFuture<Void> writing =
        CompletableFuture.runAsync(() -> index.index(OLD, "y", "new"), Thread.ofVirtual()::start);
    barrier.awaitCome();
    assertThat(index.texts(OLD)).containsKey("y");
    assertThat(writing).isNotDone();
    barrier.open();
    await(writing);
    assertThat(index.texts(NEW)).containsKey("y");
  }

  @Test
  void updatesKnowWhatIsThereInEitherSpace() throws Exception {
    index.move(READY);
    assertThat(
            index.shard.update(
                List.of(
                    PlantedSpaces.document("a", "one again", NEW),
                    PlantedSpaces.document("z", "unknown", OLD)),
                ""))
        .containsExactly("z");
    assertThat(index.texts(OLD)).containsEntry("a", "one again").doesNotContainKey("z");
    assertThat(index.texts(NEW)).isEqualTo(index.texts(OLD));
  }

  @Test
  void aWriteNeverFailsForAGenerationThatFallsBehind() throws Exception {
    index.move(READY);
    index.embedders.before = FakeEmbedders.away(NEW);
    index.index(OLD, "d", "four");
    assertThat(index.isReady(NEW)).isFalse();
    assertThat(index.isReady(OLD)).isTrue();
    assertThat(index.texts(OLD)).containsKey("d");
    index.embedders.before = _ -> {};
    index.move(READY);
    assertThat(index.texts(NEW)).isEqualTo(index.texts(OLD)).containsKey("d");
  }

  @Test
  void aWriteDoesNotWaitForEver() throws Exception {
    index.close();
    index =
        new RolloutHarness(
            folder, RolloutHarness.pace(Duration.ofMillis(20), Duration.ofMinutes(1)));
    index.move(READY);
    Barrier barrier = new Barrier(NEW);
    index.embedders.before = barrier;
    index.index(OLD, "d", "four");
    assertThat(index.isReady(NEW)).isFalse();
    barrier.open();
    index.move(READY);
    assertThat(index.texts(NEW)).containsKey("d");
  }

  @Test
  void theOldGenerationFollowsUntilItIsRetired() throws Exception {
    index.move(LIVE);
    index.index(NEW, "d", "four");
    index.shard.delete(List.of("a"));
    assertThat(index.texts(OLD)).isEqualTo(Map.of("b", "two", "c", "three", "d", "four"));
    assertThat(index.shard.documents()).isEqualTo(3);
    index.move(ROLLED_BACK);
    assertThat(index.shard.generations()).as("encoders have given the new one up").hasSize(1);
    index.index(OLD, "e", "five");
    assertThat(index.texts(OLD))
        .isEqualTo(Map.of("b", "two", "c", "three", "d", "four", "e", "five"));
  }

  @Test
  void retiringLosesNothingAndFreesTheDisk() throws Exception {
    index.move(LIVE);
    index.embedders.before = FakeEmbedders.away(NEW);
    index.index(OLD, "d", "of one who does not know yet");
    CompletableFuture<Void> moving = moving(RETIRED);
    index.embedders.before = _ -> {};
    await(moving);
    Map<String, String> expected =
        Map.of("a", "one", "b", "two", "c", "three", "d", "of one who does not know yet");
    assertThat(index.texts(NEW)).isEqualTo(expected);
    assertThat(index.shard.generations()).hasSize(1);
    assertThatThrownBy(() -> index.index(OLD, "e", "too late"))
        .isInstanceOfSatisfying(
            FlowException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE))
        .hasMessage(
            "document e: embedding of space old-space (expected: new-space, which the index holds)");
    index.shard.commit();
    assertThat(folders()).containsExactly("2");
    index.reopen(true);
    assertThat(index.texts(NEW)).isEqualTo(expected);
    index.index(NEW, "e", "five");
  }

  private List<String> folders() throws IOException {
    try (var found = Files.list(folder.resolve("generations"))) {
      return found.map(each -> each.getFileName().toString()).toList();
    }
  }

  @Test
  void aRetiredGenerationIsGoneAfterACrashWhileItWasDeleted() throws Exception {
    index.move(RETIRED);
    index.reopen(true);
    assertThat(folders()).containsExactly("2");
    assertThat(index.texts(NEW)).hasSize(3);
  }

  @Test
  void rollingBackKeepsWhatWasWrittenInTheNewSpace() throws Exception {
    index.move(READY);
    index.index(NEW, "d", "four");
    index.move(ROLLED_BACK);
    assertThat(index.shard.generations()).hasSize(1);
    assertThat(index.texts(OLD)).hasSize(4).containsEntry("d", "four");
    index.reopen(true);
    assertThat(index.texts(OLD)).hasSize(4).containsEntry("d", "four");
  }

  @Test
  void aDamagedGenerationIsBuiltAnewFromTheOther() throws Exception {
    index.move(READY);
    index.index(OLD, "d", "four");
    for (String name : List.of("2", "1")) {
      index.close();
      damage(folder.resolve("generations").resolve(name));
      index = new RolloutHarness(folder);
      index.move(READY);
      assertThat(index.texts(NEW)).isEqualTo(index.texts(OLD)).hasSize(4);
    }
    index.move(RETIRED);
    assertThat(index.texts(NEW)).hasSize(4);
  }

  private static void damage(Path generation) throws IOException {
    try (var files = Files.list(generation)) {
      for (Path file : files.filter(each -> each.toString().endsWith(".vec")).toList()) {
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);
      }
    }
  }

  @Test
  void aKilledCopyEmbedsLittleTwice() throws Exception {
    int documents = 400;
    String[] idsAndTexts = new String[2 * documents];
    for (int i = 0; i < documents; i++) {
      idsAndTexts[2 * i] = "id" + i;
      idsAndTexts[2 * i + 1] = "text " + i;
    }
    index.index(OLD, idsAndTexts);
    for (int kill = 1; kill <= 3; kill++) {
      AtomicInteger calls = new AtomicInteger();
      CountDownLatch reached = new CountDownLatch(1);
      index.embedders.before =
          _ -> {
            if (calls.incrementAndGet() > 12) {
              reached.countDown();
              throw FakeEmbedders.unavailable();
            }
          };
      if (kill == 1) {
        CompletableFuture<Void> _ = moving(REINDEXING);
      }
      assertThat(reached.await(1, TimeUnit.MINUTES)).isTrue();
      index.reopen(true);
    }
    index.embedders.before = _ -> {};
    index.move(READY);
    assertThat(index.texts(NEW)).isEqualTo(index.texts(OLD)).hasSize(documents + 3);
    long twice = index.embedders.embedded.values().stream().filter(each -> each.get() > 1).count();
    assertThat(twice).isLessThanOrEqualTo(3L * documents / 100);
  }

  @Test
  void aGenerationThatIsBuiltIsNotSearchedBefore() throws Exception {
    Barrier barrier = new Barrier(NEW);
    index.embedders.before = barrier;
    CompletableFuture<Void> moving = moving(READY);
    barrier.awaitCome();
    Vectors.Checked query = new Vectors.Checked(PlantedSpaces.vector("one", NEW), NEW);
    assertThatThrownBy(() -> index.shard.admission().view(query, "document q", () -> {}))
        .isInstanceOfSatisfying(
            FlowException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE))
        .hasMessage(
            "space: new-space does not hold all documents yet (expected: a generation that is READY; try again later)");
    barrier.open();
    await(moving);
    try (var view = index.shard.admission().view(query, "document q", () -> {}).orElseThrow()) {
      assertThat(view.documents()).isEqualTo(3);
    }
  }

  @Test
  void aClearedIndexIsNotBegunAgainByAVersionThatIsLeftBehind() throws Exception {
    index.move(PREPARING);
    index.shard.clear();
    assertThatThrownBy(() -> index.index(NEW, "d", "too early"))
        .hasMessage(
            "document d: embedding of space new-space (expected: old-space, which the index holds)");
    index.index(OLD, "a", "one");
    index.move(RETIRED);
    index.shard.clear();
    for (boolean isKilled : List.of(true, false)) {
      assertThatThrownBy(() -> index.index(OLD, "d", "too late"))
          .hasMessage(
              "document d: embedding of space old-space (expected: new-space, which the index holds)");
      index.reopen(isKilled);
    }
    index.index("another-space", "d", "of a model that the rollout knows nothing of");
    assertThat(index.shard.spaces().spaces()).isEqualTo("another-space");
  }
}
