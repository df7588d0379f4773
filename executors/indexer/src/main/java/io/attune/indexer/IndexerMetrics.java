package io.attune.indexer;

import io.attune.runtime.ExecutorContext;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.io.IOException;

/// The indexer's own metrics, tagged with the executor's name.
final class IndexerMetrics {
  private static final String EXECUTOR = "executor";

  private final Timer searches;
  private final Counter queries;
  private final Counter visited;

  IndexerMetrics(ExecutorContext context, Shard shard) {
    MeterRegistry meters = context.meters();
    String name = context.name();
    searches =
        Timer.builder("attune_index_search")
            .description("time of a search request in the index")
            .tag(EXECUTOR, name)
            .register(meters);
    queries =
        Counter.builder("attune_index_queries")
            .description("query vectors that were searched for")
            .tag(EXECUTOR, name)
            .register(meters);
    visited =
        Counter.builder("attune_index_visited")
            .description("vectors that queries were compared with")
            .tag(EXECUTOR, name)
            .register(meters);
    gauge(meters, name, "attune_index_documents", "documents in the index", shard);
    Gauge.builder("attune_index_generations", shard, each -> each.generations().size())
        .description("vector spaces the index holds")
        .tag(EXECUTOR, name)
        .register(meters);
    rollout(meters, name, shard);
    Gauge.builder(
            "attune_index_log_bytes", shard, each -> (double) each.statistics().writtenBytes())
        .description("bytes written to the log since it was opened")
        .tag(EXECUTOR, name)
        .register(meters);
  }

  private static void rollout(MeterRegistry meters, String name, Shard shard) {
    Followers followers = shard.followers();
    Gauge.builder(
            "attune_index_reembedded",
            followers,
            each -> (double) each.sum(FollowerState.Progress::embedded))
        .description("documents embedded for another space since the last start")
        .tag(EXECUTOR, name)
        .register(meters);
    Gauge.builder(
            "attune_index_reembedding_left",
            followers,
            each -> (double) each.sum(progress -> progress.total() - progress.done()))
        .description("documents that are still to be copied into another space")
        .tag(EXECUTOR, name)
        .register(meters);
    Gauge.builder("attune_index_reembedding_behind", shard, IndexerMetrics::behind)
        .description("records of the log that the slowest generation lacks")
        .tag(EXECUTOR, name)
        .register(meters);
  }

  private static double behind(Shard shard) {
    return (double)
        shard.generations().stream()
            .mapToLong(each -> shard.applied() - shard.followers().position(each))
            .max()
            .orElse(0);
  }

  private static void gauge(
      MeterRegistry meters, String name, String metric, String description, Shard shard) {
    Gauge.builder(metric, shard, IndexerMetrics::documents)
        .description(description)
        .tag(EXECUTOR, name)
        .register(meters);
  }

  private static double documents(Shard shard) {
    try {
      return shard.documents();
    } catch (IOException _) {
      return Double.NaN;
    }
  }

  /// Starts the clock of a search request.
  Timer.Sample start() {
    return Timer.start();
  }

  /// Counts a finished search request.
  void searched(Timer.Sample sample, int count, long compared) {
    sample.stop(searches);
    queries.increment(count);
    visited.increment((double) compared);
  }
}
