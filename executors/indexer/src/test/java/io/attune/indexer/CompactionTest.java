package io.attune.indexer;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.attune.document.Document;
import io.attune.document.NdArray;
import io.attune.indexer.generation.Generation;
import io.attune.indexer.generation.GenerationSpec;
import io.attune.indexer.generation.VectorIndex;
import io.attune.indexer.lucene.LuceneIndex;
import io.attune.runtime.Parameters;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// When a shard has its generations rearranged.
@Timeout(60)
final class CompactionTest {
  @TempDir Path folder;

  private final BlockingQueue<String> calls = new LinkedBlockingQueue<>();

  /// Lucene, which tells of each commit and compaction.
  private final class ToldIndex implements VectorIndex {
    private final VectorIndex lucene = new LuceneIndex();

    @Override
    public Generation create(Path place, GenerationSpec spec) throws IOException {
      return told(lucene.create(place, spec));
    }

    @Override
    public Generation open(Path place, GenerationSpec spec) throws IOException {
      return told(lucene.open(place, spec));
    }

    private Generation told(Generation generation) {
      return (Generation)
          Proxy.newProxyInstance(
              Generation.class.getClassLoader(),
              new Class<?>[] {Generation.class},
              (_, method, arguments) -> {
                if (method.getName().equals("commit") || method.getName().equals("compact")) {
                  calls.add(method.getName());
                }
                try {
                  return method.invoke(generation, arguments);
                } catch (InvocationTargetException e) {
                  throw e.getCause();
                }
              });
    }
  }

  @Test
  void aGenerationIsRearrangedOnceNothingWasWrittenForACommitInterval() throws Exception {
    IndexerConfig config =
        IndexerConfig.of(
            new Parameters(
                Struct.newBuilder()
                    .putFields("commit_interval_ms", Value.newBuilder().setNumberValue(50).build())
                    .build()));
    try (Shard shard = Shard.open(folder, config, new ToldIndex())) {
      shard.index(
          List.of(Document.ofText("a").id("a").embedding(NdArray.of(new float[] {1, 2}), "test@1")),
          "");
      calls.clear();
      String call = calls.poll(30, TimeUnit.SECONDS);
      while ("commit".equals(call)) {
        call = calls.poll(30, TimeUnit.SECONDS);
      }
      assertThat(call).isEqualTo("compact");
    }
  }
}
