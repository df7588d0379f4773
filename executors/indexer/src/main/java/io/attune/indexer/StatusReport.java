package io.attune.indexer;

import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.attune.indexer.generation.Generation;
import io.attune.indexer.generation.View;
import io.attune.indexer.log.LogStatistics;
import java.io.IOException;
import java.util.Locale;

/// What `/status` answers.
final class StatusReport {
  private StatusReport() {}

  static Struct of(IndexerConfig config, Shard shard) throws IOException {
    Struct.Builder status = Struct.newBuilder();
    ListValue.Builder generations = ListValue.newBuilder();
    for (Generation generation : shard.generations()) {
      try (View view = shard.spaces().view(generation.spec().space())) {
        if (view == null) {
          continue;
        }
        Struct.Builder described = of(generation, view);
        addRollout(described, generation, shard);
        generations.addValues(Value.newBuilder().setStructValue(described));
      }
    }
    LogStatistics log = shard.statistics();
    status
        .putFields("metric", text(config.metric().label()))
        .putFields("documents", number(shard.documents()))
        .putFields("generations", Value.newBuilder().setListValue(generations).build())
        .putFields("quantize", text(config.graph().quantized() ? "int8" : "none"))
        .putFields("applied", number(shard.applied()))
        .putFields("log_segments", number(log.segments()))
        .putFields("log_bytes_written", number(log.writtenBytes()))
        .putFields("shard", number(config.shard()))
        .putFields("shards", number(config.shards()));
    if (!log.stopReason().isEmpty()) {
      status.putFields("writes_stopped", text(log.stopReason()));
    }
    return status.build();
  }

  /// How far the generation is, while there are two.
  private static void addRollout(Struct.Builder described, Generation generation, Shard shard) {
    String space = generation.spec().space();
    described
        .putFields("live", truth(shard.spaces().isLive(space)))
        .putFields("searchable", truth(shard.followers().isSearchable(space)));
    Followers.Running running = shard.followers().of(space);
    if (running == null) {
      return;
    }
    FollowerState.Progress progress = running.follower().state().progress();
    described
        .putFields("phase", text(progress.phase().name().toLowerCase(Locale.ROOT)))
        .putFields("copied", number(progress.done()))
        .putFields("to_copy", number(progress.total()))
        .putFields("embedded", number(progress.embedded()))
        .putFields(
            "embedded_per_second", Value.newBuilder().setNumberValue(progress.perSecond()).build())
        .putFields("behind", number(Math.max(0, shard.applied() - progress.position())))
        .putFields("missing", number(running.missing().count()));
    if (!progress.problem().isEmpty()) {
      described.putFields("problem", text(progress.problem()));
    }
  }

  private static Struct.Builder of(Generation generation, View view) throws IOException {
    return Struct.newBuilder()
        .putFields("space", text(generation.spec().space()))
        .putFields("dimension", number(generation.spec().dimension()))
        .putFields("documents", number(view.documents()))
        .putFields("vectors", number(view.vectors()))
        .putFields("committed", number(generation.committed()))
        .putFields("settled", truth(isSettled(generation)));
  }

  private static boolean isSettled(Generation generation) {
    return !generation.hasUncommitted() && !generation.isMerging() && !generation.isScattered();
  }

  private static Value truth(boolean truth) {
    return Value.newBuilder().setBoolValue(truth).build();
  }

  private static Value text(String text) {
    return Value.newBuilder().setStringValue(text).build();
  }

  private static Value number(long number) {
    return Value.newBuilder().setNumberValue((double) number).build();
  }
}
