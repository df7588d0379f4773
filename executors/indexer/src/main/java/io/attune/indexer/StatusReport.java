package io.attune.indexer;

import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.attune.indexer.generation.Generation;
import io.attune.indexer.generation.View;
import io.attune.indexer.log.LogStatistics;
import java.io.IOException;

/// What `/status` answers.
final class StatusReport {
  private StatusReport() {}

  static Struct of(IndexerConfig config, Shard shard) throws IOException {
    Struct.Builder status = Struct.newBuilder();
    ListValue.Builder generations = ListValue.newBuilder();
    long documents = 0;
    for (Generation generation : shard.generations()) {
      try (View view = generation.view()) {
        documents += view.documents();
        generations.addValues(Value.newBuilder().setStructValue(of(generation, view)));
      }
    }
    LogStatistics log = shard.statistics();
    status
        .putFields("metric", text(config.metric().label()))
        .putFields("documents", number(documents))
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

  private static Struct of(Generation generation, View view) throws IOException {
    return Struct.newBuilder()
        .putFields("space", text(generation.spec().space()))
        .putFields("dimension", number(generation.spec().dimension()))
        .putFields("documents", number(view.documents()))
        .putFields("vectors", number(view.vectors()))
        .putFields("committed", number(generation.committed()))
        .putFields("settled", Value.newBuilder().setBoolValue(isSettled(generation)).build())
        .build();
  }

  private static boolean isSettled(Generation generation) {
    return !generation.hasUncommitted() && !generation.isMerging() && !generation.isScattered();
  }

  private static Value text(String text) {
    return Value.newBuilder().setStringValue(text).build();
  }

  private static Value number(long number) {
    return Value.newBuilder().setNumberValue((double) number).build();
  }
}
