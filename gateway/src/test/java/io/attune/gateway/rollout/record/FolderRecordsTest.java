package io.attune.gateway.rollout.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FolderRecordsTest {
  @TempDir private Path folder;

  private FolderRecords records() {
    return new FolderRecords(folder.resolve("rollouts"));
  }

  @Test
  void replacesOnlyWhatWasSeen() throws IOException {
    assertThat(records().read("live/m")).isEmpty();
    assertThat(records().keys("live")).isEmpty();
    String first = records().compareAndSet("live/m", Records.NONE, "a").orElseThrow();
    assertThat(records().read("live/m")).contains(new Records.Entry("a", first));
    assertThat(records().compareAndSet("live/m", Records.NONE, "b")).isEmpty();
    String second = records().compareAndSet("live/m", first, "b").orElseThrow();
    assertThat(records().compareAndSet("live/m", first, "c")).isEmpty();
    assertThat(records().read("live/m")).contains(new Records.Entry("b", second));
    assertThat(records().keys("live")).containsExactly("live/m");
  }

  @Test
  void letsNobodyWinWhoseRevisionWasRemoved() throws IOException {
    String seen = records().compareAndSet("k", Records.NONE, "0").orElseThrow();
    String last = seen;
    for (int i = 1; i < 40; i++) {
      last = records().compareAndSet("k", last, Integer.toString(i)).orElseThrow();
    }
    assertThat(records().compareAndSet("k", seen, "late")).isEmpty();
    assertThat(records().read("k").orElseThrow().text()).isEqualTo("39");
    try (Stream<Path> kept = Files.list(folder.resolve("rollouts/k"))) {
      assertThat(kept.count()).isLessThan(20);
    }
  }

  @Test
  void removesATextWithAllItsRevisions() throws IOException {
    String seen = records().compareAndSet("rollouts/a", Records.NONE, "1").orElseThrow();
    seen = records().compareAndSet("rollouts/a", seen, "2").orElseThrow();
    records().compareAndSet("rollouts/b", Records.NONE, "3");
    Path begun = folder.resolve("rollouts/rollouts/.gone-by-one-who-was-killed");
    Files.createDirectories(begun.resolve("1"));
    records().remove("rollouts/a");
    assertThat(records().read("rollouts/a")).isEmpty();
    assertThat(records().keys("rollouts")).containsExactly("rollouts/b");
    assertThat(records().compareAndSet("rollouts/a", seen, "late")).isEmpty();
    try (Stream<Path> left = Files.list(begun.getParent())) {
      assertThat(left.map(each -> each.getFileName().toString())).containsExactly("b");
    }
    records().remove("rollouts/a");
    records().remove("nothing/there");
  }

  @Test
  void hasOneWinnerAmongThoseWhoReplaceTheSame() throws Exception {
    int each = 40;
    List<Future<Integer>> wins = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 4; i++) {
        FolderRecords own = records();
        wins.add(threads.submit(() -> counted(own, each)));
      }
    }
    int total = 0;
    for (Future<Integer> won : wins) {
      total += won.get();
    }
    assertThat(total).isEqualTo(4 * each);
    assertThat(records().read("n").orElseThrow().text()).isEqualTo(Integer.toString(total));
  }

  private static int counted(FolderRecords records, int times) throws IOException {
    int won = 0;
    while (won < times) {
      Optional<Records.Entry> seen = records.read("n");
      int next = seen.map(entry -> Integer.parseInt(entry.text())).orElse(0) + 1;
      String revision = seen.map(Records.Entry::revision).orElse(Records.NONE);
      if (records.compareAndSet("n", revision, Integer.toString(next)).isPresent()) {
        won++;
      }
    }
    return won;
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/", "..", "../x", "a/../b", ".hidden", "a//b", "a/", "a b"})
  void refusesKeysThatLeadElsewhere(String key) {
    assertThatThrownBy(() -> records().read(key))
        .isInstanceOf(FlowException.class)
        .hasMessageStartingWith("key: ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "[]",
        "null",
        "{\"model\":\"m\"}",
        "{\"model\":\"m\",\"version\":1,\"previous\":0,\"rollout\":\"\",\"epoch\":1,\"more\":1}"
      })
  void saysWhichRecordIsDamaged(String text) throws IOException {
    records().compareAndSet("live/m", Records.NONE, text);
    assertThatThrownBy(() -> new RolloutStore(records()).live("m"))
        .isInstanceOfSatisfying(
            FlowException.class,
            failure -> assertThat(failure.code()).isEqualTo(ErrorCode.DATA_LOSS))
        .hasMessageStartingWith("live/m: ");
  }
}
