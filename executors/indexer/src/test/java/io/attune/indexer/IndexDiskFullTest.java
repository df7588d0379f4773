package io.attune.indexer;

import static io.attune.indexer.FullDisk.assertRefused;
import static io.attune.indexer.FullDisk.found;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Struct;
import io.attune.document.Document;
import io.attune.document.NdArray;
import io.attune.document.json.StructJson;
import io.attune.indexer.generation.Generation;
import io.attune.indexer.lucene.FillingIndex;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.Parameters;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A disk that is full while Lucene writes, which ends its writer: writes are refused, searches go
/// on, and once there is space everything that was acknowledged is found, without a restart.
final class IndexDiskFullTest {
  private static final int STEP = 100;

  @TempDir Path folder;

  private final FillingIndex disk = new FillingIndex();
  private final Set<String> acknowledged = new TreeSet<>();

  private Shard open() throws IOException {
    return Shard.open(folder, IndexerConfig.defaults(), disk);
  }

  /// A shard that commits only when it is told to.
  private Shard openWithoutCommits() throws IOException {
    Struct options = StructJson.of(Map.of("commit_interval_ms", 3_600_000));
    return Shard.open(folder, IndexerConfig.of(new Parameters(options)), disk);
  }

  private void index(Shard shard, String id) {
    float[] vector = {1, acknowledged.size()};
    shard.index(List.of(Document.ofText(id).id(id).embedding(NdArray.of(vector), "test@1")), "");
    acknowledged.add(id);
  }

  private void delete(Shard shard, String id) {
    assertThat(shard.delete(List.of(id))).isEmpty();
    acknowledged.remove(id);
  }

  private static boolean hasFailed(Shard shard) {
    return shard.generations().stream().map(Generation::failure).anyMatch(each -> each != null);
  }

  /// Each round leaves room for more, until a commit fits.
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aCommitThatFindsNoRoomAnywhereOnItsWayLosesNothing(boolean isSearchedBefore)
      throws IOException {
    int failures = 0;
    int ended = 0;
    try (Shard shard = open()) {
      index(shard, "first");
      boolean isCommitted = false;
      for (int round = 0; !isCommitted; round++) {
        index(shard, "deleted" + round);
        delete(shard, "deleted" + round);
        index(shard, "kept" + round); // from here on nobody looks, so that the commit writes it
        Set<String> visible = isSearchedBefore ? found(shard) : Set.of();
        disk.fill((long) round * STEP);
        isCommitted = commits(shard);
        assertThat(found(shard)).as("searches go on").containsAll(visible);
        failures += isCommitted ? 0 : 1;
        if (hasFailed(shard)) {
          ended++;
          assertRefused(() -> index(shard, "refused"));
          assertRefused(() -> shard.delete(List.of("first")));
          assertRefused(shard::clear);
        }
        disk.empty();
        index(shard, "after" + round);
        assertThat(found(shard)).isEqualTo(acknowledged);
      }
      assertThat(failures).isGreaterThan(2);
      if (isSearchedBefore) {
        assertThat(ended).as("writers ended by merges").isZero();
      } else {
        assertThat(ended).as("writers ended").isGreaterThan(2);
      }
    }
    try (Shard shard = open()) {
      assertThat(found(shard)).isEqualTo(acknowledged);
    }
  }

  private static boolean commits(Shard shard) {
    try {
      shard.commit();
      return true;
    } catch (IOException full) {
      assertThat(full).hasMessageContaining("No space left on device");
      return false;
    }
  }

  @Test
  void aSearchThatFindsNoRoomShowsWhatWasVisible() throws IOException {
    try (Shard shard = open()) {
      index(shard, "a");
      assertThat(found(shard)).containsExactly("a");
      index(shard, "b");
      disk.fill(0);
      assertThat(found(shard)).containsExactly("a");
      assertRefused(() -> index(shard, "c"));
      assertThat(found(shard)).containsExactly("a");
      assertThat(commits(shard)).isFalse();
      disk.empty();
      assertThat(commits(shard)).isTrue(); // as it is done in the background
      assertThat(found(shard)).containsExactly("a", "b");
      index(shard, "c");
      assertThat(found(shard)).containsExactly("a", "b", "c");
    }
  }

  /// The first file of a merge, one between, and the last, which Lucene writes another way.
  @ParameterizedTest
  @ValueSource(strings = {".fdt", ".vec", ".si"})
  @Timeout(60)
  void aMergeThatFindsNoRoomIsGivenUp(String ending) throws IOException, InterruptedException {
    try (Shard shard = openWithoutCommits()) {
      disk.fillForMerged(ending);
      for (int i = 0; disk.refusedOfMerges() == 0; i++) {
        index(shard, "part" + i);
        merge(shard);
      }
      assertThat(found(shard)).isEqualTo(acknowledged);
      index(shard, "after");
      merge(shard);
      assertThat(found(shard)).isEqualTo(acknowledged);
    }
  }

  private static void merge(Shard shard) throws IOException, InterruptedException {
    shard.commit();
    while (shard.generations().stream().anyMatch(Generation::isMerging)) {
      Thread.sleep(1);
    }
    assertThat(hasFailed(shard)).isFalse();
  }

  /// Without a write, and before anything is committed in the background.
  @Test
  @Timeout(20)
  void aSearchFindsWhatWasAcknowledgedOnceThereIsRoom() throws IOException, InterruptedException {
    try (Shard shard = openWithoutCommits()) {
      index(shard, "a");
      assertThat(found(shard)).containsExactly("a");
      index(shard, "b");
      disk.fill(0);
      assertThat(found(shard)).containsExactly("a");
      assertThat(hasFailed(shard)).isTrue();
      disk.empty();
      while (!found(shard).equals(acknowledged)) {
        Thread.sleep(1); // it is tried again after a pause
      }
      assertThat(hasFailed(shard)).isFalse();
      index(shard, "c");
      assertThat(found(shard)).containsExactly("a", "b", "c");
    }
  }

  @Test
  void aWriteThatIsRecordedAndFindsNoRoomInTheIndexIsFoundLater() throws IOException {
    try (Shard shard = open()) {
      index(shard, "a");
      shard.commit();
      disk.fill(0);
      assertThatThrownBy(() -> index(shard, "b"))
          .isInstanceOfSatisfying(
              FlowException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE))
          .hasMessageContaining("No space left on device")
          .hasMessageContaining("this request is in the log, and found once there is");
      assertRefused(() -> index(shard, "c"));
      assertThat(found(shard)).containsExactly("a");
      disk.empty();
      index(shard, "d");
      assertThat(found(shard)).containsExactly("a", "b", "d");
    }
  }

  @Test
  void aRestartFindsWhatADiskThatStaysFullKeptFromTheIndex() throws IOException {
    Shard shard = open();
    index(shard, "a");
    shard.commit();
    index(shard, "b");
    disk.fill(0);
    assertThat(commits(shard)).isFalse();
    shard.close();
    disk.empty();
    try (Shard again = open()) {
      assertThat(found(again)).containsExactly("a", "b");
    }
  }
}
