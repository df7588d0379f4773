package io.attune.indexer;

import static io.attune.indexer.FullDisk.assertRefused;
import static io.attune.indexer.FullDisk.found;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.document.Document;
import io.attune.document.NdArray;
import io.attune.indexer.generation.Change;
import io.attune.indexer.generation.Generation;
import io.attune.indexer.generation.GenerationSpec;
import io.attune.indexer.generation.VectorIndex;
import io.attune.indexer.generation.View;
import io.attune.indexer.log.FillingDisk;
import io.attune.indexer.lucene.LuceneIndex;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A disk that is full for the log and for commits of the graphs: writes are refused, searches go
/// on, and everything goes on once there is space.
final class DiskFullTest {
  private static final String SPACE = "test@1";

  @TempDir Path folder;

  private final FillingDisk disk = new FillingDisk();
  private boolean isFull;

  /// Lucene, with commits that find no space.
  private final class FullIndex implements VectorIndex {
    private final VectorIndex lucene = new LuceneIndex();

    @Override
    public Generation create(Path place, GenerationSpec spec) throws IOException {
      return new FullGeneration(lucene.create(place, spec));
    }

    @Override
    public Generation open(Path place, GenerationSpec spec) throws IOException {
      return new FullGeneration(lucene.open(place, spec));
    }
  }

  private final class FullGeneration implements Generation {
    private final Generation lucene;

    FullGeneration(Generation lucene) {
      this.lucene = lucene;
    }

    @Override
    public GenerationSpec spec() {
      return lucene.spec();
    }

    @Override
    public int apply(List<Change> changes) throws IOException {
      return lucene.apply(changes);
    }

    @Override
    public boolean accepts(String id, long sequence) throws IOException {
      return lucene.accepts(id, sequence);
    }

    @Override
    public void keepTombstones(boolean keep) throws IOException {
      lucene.keepTombstones(keep);
    }

    @Override
    public View view() throws IOException {
      return lucene.view();
    }

    @Override
    public void commit(long position) throws IOException {
      if (isFull) {
        throw new IOException("No space left on device");
      }
      lucene.commit(position);
    }

    @Override
    public long committed() {
      return lucene.committed();
    }

    @Override
    public boolean hasUncommitted() {
      return lucene.hasUncommitted();
    }

    @Override
    public boolean isMerging() {
      return lucene.isMerging();
    }

    @Override
    public void close() throws IOException {
      lucene.close();
    }
  }

  private Shard open() throws IOException {
    return Shard.open(folder, IndexerConfig.defaults(), new FullIndex(), disk.open("0/1"));
  }

  private static Document document(String id, int textLength) {
    return Document.ofText("x".repeat(textLength))
        .id(id)
        .embedding(NdArray.of(new float[] {1, id.charAt(0)}), SPACE);
  }

  @Test
  void writesAreRefusedAndSearchesGoOnUntilThereIsSpace() throws IOException {
    try (Shard shard = open()) {
      shard.index(List.of(document("a", 10), document("b", 10)), "");
      disk.fill(300);
      isFull = true;
      assertRefused(() -> shard.index(List.of(document("c", 10), document("d", 1_000)), ""));
      assertRefused(() -> shard.update(List.of(document("a", 1_000)), ""));
      assertThat(found(shard)).containsExactly("a", "b");
      assertThatThrownBy(shard::commit).hasMessage("No space left on device");
      // what takes less than is left is still taken
      assertThat(shard.delete(List.of("b", "c"))).containsExactly("c");
      assertThat(found(shard)).containsExactly("a");
      disk.empty();
      shard.index(List.of(document("e", 1_000)), "");
      assertThatThrownBy(shard::commit).hasMessage("No space left on device");
      isFull = false;
      shard.commit();
      shard.index(List.of(document("f", 10)), "");
      assertThat(found(shard)).containsExactly("a", "e", "f");
    }
    try (Shard shard = open()) {
      assertThat(found(shard)).containsExactly("a", "e", "f");
    }
  }
}
