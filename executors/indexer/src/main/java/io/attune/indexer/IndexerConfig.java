package io.attune.indexer;

import com.google.protobuf.Value;
import io.attune.indexer.generation.GenerationSpec;
import io.attune.indexer.generation.GraphOptions;
import io.attune.indexer.generation.Metric;
import io.attune.indexer.generation.SearchOptions;
import io.attune.runtime.FlowException;
import io.attune.runtime.Parameters;
import io.attune.runtime.admin.AdminOptions;
import io.attune.runtime.channel.Address;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// The options of `uses: Indexer`, under `uses_with`.
///
/// @param metric `metric`: `cosine` (default), `euclidean` or `dot`; fixed when the index is made
/// @param dimension `dimension`: 1 to 4,096; 0 (default) takes that of the first write
/// @param space `space`: the space of vectors that carry no mark, and then the only one, such as
///   `external` in a Flow without an encoder; empty (default) refuses unmarked vectors and takes
///   the space of the first write
/// @param graph `m` (default 16, 2 to 512), `ef_construction` (default 100, 1 to 3,200) and
///   `quantize` (`none`, the default, or `int8`)
/// @param candidates `ef`: candidates of a graph search, 1 to 10,000; default 128
/// @param limit `limit`: matches where a search does not say; 1 to 10,000; default 20 as docarray's
/// @param commitInterval `commit_interval_ms`: how often the index is committed in the background,
///   which bounds how much log a restart replays; 10 to 3,600,000; default 5,000
/// @param logSegmentBytes `log_segment_bytes`: the size of a file of the log, of which those that
///   the index has committed are deleted; 4,096 to 1,073,741,824; default 67,108,864
/// @param shard `shard`: which shard of the index this is, from 0
/// @param shards `shards`: how many there are; default 1; fixed when the index is made
/// @param encoder `encoder`: where documents are embedded again in a rollout that does not say it:
///   the encoder's address as `grpc://host:port`, several replicas with commas; none by default
public record IndexerConfig(
    Metric metric,
    int dimension,
    String space,
    GraphOptions graph,
    int candidates,
    int limit,
    Duration commitInterval,
    int logSegmentBytes,
    int shard,
    int shards,
    List<Address> encoder) {
  /// The greatest `limit`, `offset` and `ef`.
  static final int MAX_LIMIT = 10_000;

  /// The keys; `docs/indexer.md` lists them, too.
  static final Set<String> KEYS =
      Set.of(
          "metric",
          "dimension",
          "space",
          "m",
          "ef_construction",
          "quantize",
          "ef",
          "limit",
          "commit_interval_ms",
          "log_segment_bytes",
          "shard",
          "shards",
          "encoder");

  public IndexerConfig {
    encoder = List.copyOf(encoder);
    if (space.chars().anyMatch(Character::isISOControl)) {
      throw FlowException.invalid("space: control characters (expected: a name)");
    }
    if (shard >= shards) {
      throw FlowException.invalid("shard: " + shard + " (expected: 0.." + (shards - 1) + ")");
    }
  }

  /// Reads the options.
  ///
  /// @throws FlowException for an unknown key or a value out of range
  public static IndexerConfig of(Parameters with) {
    for (String key : new TreeSet<>(with.struct().getFieldsMap().keySet())) {
      if (!KEYS.contains(key) && !AdminOptions.KEYS.contains(key)) {
        throw FlowException.invalid(
            key
                + ": unknown option of Indexer (expected: "
                + String.join(", ", new TreeSet<>(KEYS))
                + ")");
      }
    }
    int shards = with.integer("shards", 1, 1, 1024);
    return new IndexerConfig(
        Metric.of(with.string("metric", Metric.COSINE.label())),
        with.integer("dimension", 0, 0, GenerationSpec.MAX_DIMENSION),
        with.string("space", ""),
        graph(with),
        with.integer("ef", SearchOptions.DEFAULT_CANDIDATES, 1, MAX_LIMIT),
        with.integer("limit", 20, 1, MAX_LIMIT),
        Duration.ofMillis(with.integer("commit_interval_ms", 5_000, 10, 3_600_000)),
        with.integer("log_segment_bytes", 64 << 20, 4 << 10, 1 << 30),
        with.integer("shard", 0, 0, 1023),
        shards,
        Address.parseAll(with.string("encoder", "")));
  }

  /// Everything at its default.
  public static IndexerConfig defaults() {
    return of(Parameters.EMPTY);
  }

  private static GraphOptions graph(Parameters with) {
    GraphOptions defaults = GraphOptions.DEFAULT;
    return new GraphOptions(
        with.integer("m", defaults.maxConnections(), 2, 512),
        with.integer("ef_construction", defaults.efConstruction(), 1, 3200),
        quantized(with));
  }

  private static boolean quantized(Parameters with) {
    Value value = with.value("quantize").orElse(Value.newBuilder().setStringValue("none").build());
    return switch (value.getStringValue()) {
      case "none" -> false;
      case "int8" -> true;
      default ->
          throw FlowException.invalid(
              "quantize: " + with.string("quantize", "") + " (expected: none, int8)");
    };
  }
}
