package io.attune.indexer;

import io.attune.indexer.lucene.LuceneIndex;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.Executor;
import io.attune.runtime.ExecutorContext;
import io.attune.runtime.ExecutorFactory;
import io.attune.runtime.FlowException;
import java.io.IOException;

/// Makes `uses: Indexer`; its options are those of [IndexerConfig].
public final class IndexerFactory implements ExecutorFactory {
  @Override
  public Executor create(ExecutorContext context) {
    IndexerConfig config = IndexerConfig.of(context.with());
    try {
      Shard shard =
          Shard.open(
              context.workspace().resolve("shard-" + config.shard()),
              config,
              new LuceneIndex(),
              Shard.Growth.at(config.encoder()));
      return serve(context, config, shard);
    } catch (IOException e) {
      throw new FlowException(
          ErrorCode.UNAVAILABLE, "index: " + context.workspace() + " cannot be opened: " + e, e);
    }
  }

  private static Indexer serve(ExecutorContext context, IndexerConfig config, Shard shard)
      throws IOException {
    try {
      return new Indexer(context.name(), config, shard, new IndexerMetrics(context, shard));
    } catch (RuntimeException e) {
      shard.close();
      throw e;
    }
  }
}
