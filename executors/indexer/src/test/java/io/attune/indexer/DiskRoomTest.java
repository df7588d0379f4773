package io.attune.indexer;

import static io.attune.indexer.PlantedSpaces.NEW;
import static io.attune.indexer.PlantedSpaces.OLD;
import static io.attune.indexer.RolloutHarness.to;
import static io.attune.proto.attune.RolloutState.PREPARING;
import static io.attune.proto.attune.RolloutState.READY;
import static io.attune.proto.attune.RolloutState.REINDEXING;
import static io.attune.proto.attune.RolloutState.ROLLOUT_FAILED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.attune.document.Document;
import io.attune.document.NdArray;
import io.attune.indexer.generation.Generation;
import io.attune.indexer.lucene.LuceneIndex;
import io.attune.proto.attune.MoveRequest;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A disk that may be too small for a second generation.
@Timeout(120)
class DiskRoomTest {
  private static final int LOG_BYTES = 1_000_000;

  @TempDir Path folder;

  private RolloutHarness open() throws IOException {
    RolloutHarness index = new RolloutHarness(folder, "log_segment_bytes", LOG_BYTES);
    index.index(OLD, "a", "one", "b", "two");
    index.shard.commit();
    return index;
  }

  /// What the generations' files take.
  private static long bytes(Path shard) throws IOException {
    try (Stream<Path> files = Files.walk(shard.resolve("generations"))) {
      return files.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
    }
  }

  private static void refused(RolloutHarness index, MoveRequest.Builder command, String message) {
    assertThatThrownBy(() -> index.move(command))
        .isInstanceOfSatisfying(
            FlowException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.RESOURCE_EXHAUSTED))
        .hasMessage(message);
    assertThat(Objects.requireNonNull(index.shard.spaces().manifest().rollout()).refusal())
        .isEqualTo(message);
  }

  @Test
  void isRefusedBeforeAnythingIsDoneWhereItIsTooSmall() throws IOException {
    try (RolloutHarness index = open()) {
      long bytes = bytes(folder);
      long needed = 2 * bytes + LOG_BYTES;
      index.free = needed - 1;
      assertThat(needed).isBetween(1_000_000L, 1_049_999L);
      refused(
          index,
          to(PREPARING),
          "disk: 1.0 MB free (expected: about 1.0 MB, for a generation of %.1f kB beside the live one; free some, or take a larger disk)"
              .formatted(bytes / 1e3));
      index.move(ROLLOUT_FAILED);
      assertThat(index.shard.generations()).hasSize(1);
      index.index(OLD, "c", "three");
      assertThat(index.texts(OLD)).containsOnlyKeys("a", "b", "c");
    }
  }

  @Test
  void isLargeEnoughWhereItHoldsWhatIsNeeded() throws IOException {
    try (RolloutHarness index = open()) {
      long bytes = bytes(folder);
      index.free = 2 * bytes + LOG_BYTES;
      index.move(PREPARING);
      index.move(READY);
      assertThat(index.texts(NEW)).containsOnlyKeys("a", "b");
    }
  }

  @Test
  void needsRoomForLongerVectors() throws IOException {
    try (RolloutHarness index = open()) {
      index.free = 1_400_000_000;
      // 6 vectors or fewer, of 4,000 values more than before
      index.move(to(PREPARING).setDimension(4_008));
      index.free = LOG_BYTES + 2 * bytes(folder) + 2 * 4 * 4_000;
      assertThatThrownBy(() -> index.move(to(PREPARING).setDimension(4_008).setAllowMissing(1)))
          .hasMessageStartingWith("disk: 1.0 MB free (expected: about 1.1 MB, for a generation of");
    }
  }

  @Test
  void isNotAskedForAGenerationThatIsThere() throws IOException {
    try (RolloutHarness index = open()) {
      index.move(REINDEXING);
      index.free = 0;
      index.move(to(PREPARING).setRollout("r2").setEpoch(2));
      index.reopen(true);
      index.move(to(READY).setRollout("r2").setEpoch(2));
    }
  }

  /// The estimate beside a generation of the same texts that is really there.
  @ParameterizedTest
  @CsvSource({"none, 32, 128", "none, 128, 32", "int8, 32, 128"})
  void foreseesWhatAGenerationTakes(String quantize, int from, int to) throws IOException {
    Path old = folder.resolve("old");
    try (Shard before = filled(old, quantize, from);
        Shard after = filled(folder.resolve("new"), quantize, to)) {
      assertThat(after.documents()).isEqualTo(before.documents());
      DiskRoom room = new DiskRoom(before.spaces(), _ -> 0, 0);
      Generation live = Objects.requireNonNull(before.spaces().live());
      double real = bytes(folder.resolve("new"));
      assertThat((double) room.estimate(live, to)).isCloseTo(real, within(real / 10));
      assertThat(room.estimate(live, from)).isEqualTo(bytes(old));
    }
  }

  private static Shard filled(Path place, String quantize, int dimension) throws IOException {
    IndexerConfig config =
        IndexerConfig.of(IndexerHarness.parameters("quantize", quantize, "space", OLD));
    Shard shard = Shard.open(place, config, new LuceneIndex());
    Random random = new Random(7);
    List<Document> documents = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      float[] vector = new float[dimension];
      for (int j = 0; j < dimension; j++) {
        vector[j] = random.nextFloat();
      }
      Document document = Document.ofText("the text of document " + i).id("d" + i);
      documents.add(document.embedding(NdArray.of(vector)));
    }
    shard.index(documents, OLD);
    shard.commit();
    return shard;
  }
}
