package io.attune.indexer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.document.Document;
import io.attune.document.NdArray;
import io.attune.indexer.generation.Change;
import io.attune.indexer.generation.Generation;
import io.attune.indexer.generation.GraphOptions;
import io.attune.indexer.generation.RandomDocuments;
import io.attune.indexer.generation.View;
import io.attune.indexer.lucene.LuceneIndex;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Several generations side by side, as a rollout will have them.
class GenerationsTest {
  @TempDir Path folder;
  private Generations generations;

  @BeforeEach
  void open() throws IOException {
    generations = make();
    generations.open(1);
  }

  private Generations make() throws IOException {
    Manifest manifest = Manifest.open(folder, IndexerConfig.defaults());
    return new Generations(
        new ManifestFile(folder, manifest), new LuceneIndex(), GraphOptions.DEFAULT);
  }

  @AfterEach
  void close() throws IOException {
    generations.close();
  }

  private static Located upsert(long sequence, String id, String space, float... vector) {
    Document document = Document.create().id(id).embedding(NdArray.of(vector), space);
    return new Located(RandomDocuments.upsert(sequence, document), space);
  }

  private static Located delete(long sequence, String id) {
    return new Located(Change.delete(sequence, id), null);
  }

  private List<String> ids(@Nullable Generation generation) throws IOException {
    List<String> ids = new ArrayList<>();
    try (View view = Objects.requireNonNull(generation).view()) {
      view.forEach((_, content) -> ids.add(content.source().getId()));
    }
    return ids.stream().sorted().toList();
  }

  @Test
  void documentsGoToTheirSpaceAndDeletesToAll() throws IOException {
    generations.add("old@1", 2, 0, true);
    generations.add("new@2", 3, 0, true);
    generations.apply(
        List.of(
            upsert(1, "a", "old@1", 1, 0),
            upsert(2, "a", "new@2", 1, 0, 0),
            upsert(3, "b", "old@1", 0, 1),
            delete(4, "a"),
            upsert(5, "c", "new@2", 0, 1, 0)));
    assertThat(ids(generations.of("old@1"))).containsExactly("b");
    assertThat(ids(generations.of("new@2"))).containsExactly("c");
    assertThat(generations.spaces()).isEqualTo("old@1, new@2");
    assertThat(generations.documents()).isEqualTo(1);
    assertThat(generations.isLive("old@1")).isTrue();
    generations.live("new@2");
    assertThat(ids(generations.live())).containsExactly("c");
  }

  @Test
  void theLogIsNeededFromTheEarliestCommitOn() throws IOException {
    Generation first = generations.add("old@1", 2, 0, true);
    Generation second = generations.add("new@2", 2, 7, true);
    assertThat(generations.committed()).isZero();
    first.commit(9);
    assertThat(generations.committed()).isEqualTo(7);
    second.commit(8);
    assertThat(generations.committed()).isEqualTo(8);
    close();
    open();
    assertThat(generations.spaces()).isEqualTo("old@1, new@2");
    assertThat(generations.committed()).isEqualTo(8);
  }

  @Test
  void aReplacementIsAllThatIsThereAfterARestart() throws IOException {
    Generation former = generations.add("old@1", 2, 0, true);
    generations.add("other@1", 2, 0, true);
    try (View view = former.view()) {
      generations.replace("new@2", 3, 4);
      assertThat(view.documents()).isZero();
      assertThat(ids(former)).isEmpty();
    }
    assertThat(generations.spaces()).isEqualTo("new@2");
    generations.replace("newer@3", 3, 4);
    close();
    open();
    assertThat(generations.spaces()).isEqualTo("newer@3");
    try (var left = Files.list(folder.resolve("generations"))) {
      assertThat(left).hasSize(1);
    }
  }

  @Test
  void recordsOfASpaceThatIsGoneCountOnlyWhereTheyAreOlder() throws IOException {
    generations.replace("new@2", 2, 4);
    generations.apply(List.of(upsert(4, "a", "old@1", 1, 0), upsert(5, "b", "new@2", 1, 0)));
    assertThat(ids(generations.of("new@2"))).containsExactly("b");
    assertThatThrownBy(() -> generations.apply(List.of(upsert(6, "c", "old@1", 1, 0))))
        .isInstanceOfSatisfying(
            FlowException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.DATA_LOSS))
        .hasMessage("log: record 6 is of space old@1 (expected: new@2)");
  }

  @Test
  void aDamagedGenerationIsMadeAnewWhereTheLogReachesBack() throws IOException {
    generations.add("s@1", 2, 3, true);
    generations.apply(List.of(upsert(4, "a", "s@1", 1, 0)));
    Objects.requireNonNull(generations.of("s@1")).commit(4);
    generations.close();
    damage();
    generations = make();
    assertThatThrownBy(() -> generations.open(5))
        .isInstanceOfSatisfying(
            FlowException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.DATA_LOSS));
    generations.open(4);
    assertThat(generations.committed()).isEqualTo(3);
    assertThat(ids(generations.of("s@1"))).isEmpty();
  }

  private void damage() throws IOException {
    try (var files = Files.list(folder.resolve("generations/1"))) {
      for (Path file : files.filter(each -> each.toString().endsWith(".vec")).toList()) {
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);
      }
    }
  }
}
