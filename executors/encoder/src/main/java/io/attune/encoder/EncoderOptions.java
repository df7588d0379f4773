package io.attune.encoder;

import io.attune.models.DefaultModel;
import io.attune.models.ModelStore;
import io.attune.runtime.FlowException;
import io.attune.runtime.Parameters;
import io.attune.runtime.admin.AdminOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;

/// The options of `uses: Encoder`, given under `uses_with`, beside those of [AdminOptions#from],
/// which say where the service `Participant` is served.
///
/// @param model `model`: the model and version, `name`, `name@3` or `name@tag`; the default model
///   all-MiniLM-L6-v2, which is imported into the store where it is not there
/// @param store `store`: the folder of the ModelStore; `$ATTUNE_MODELS`, or `~/.attune/models`
/// @param sessions `sessions`: batches that run at the same time, each on one thread, 1..256; the
///   number of processors
/// @param tokenBudget `token_budget`: the most tokens of a batch, padding included, 1..1000000;
///   384. A longer text runs alone
/// @param batchSize `batch_size`: the most documents of a batch, 1..4096; 64
/// @param maxPadding `max_padding`: the greatest part of a batch that is padding, 0..1; 0.1
/// @param interactiveQueueTokens `interactive_queue_tokens`: how many tokens of searches may wait,
///   1..100000000; 262144. What comes beyond is refused with RESOURCE_EXHAUSTED
/// @param bulkQueueTokens `bulk_queue_tokens`: the same for indexing; 8388608
/// @param bulkShare `bulk_share`: the part of the work that indexing gets while searches wait too,
///   at least 0 and less than 1; 0.1. On Linux also the part of a core that a batch of it gets
///   while searches run, at least 1 %
/// @param traversalPaths `traversal_paths`: which documents are encoded where a request does not
///   say; `@r`, the documents themselves
/// @param loading how versions are loaded beside the live one
/// @param join `join_seconds`: how long a starting encoder waits for a rollout's coordinator to say
///   where the Flow is before it serves what it knows itself, 0..3600 s; 60 where `coordinator` is
///   given, else 0
public record EncoderOptions(
    String model,
    Path store,
    int sessions,
    int tokenBudget,
    int batchSize,
    double maxPadding,
    long interactiveQueueTokens,
    long bulkQueueTokens,
    double bulkShare,
    String traversalPaths,
    LoadOptions loading,
    Duration join) {
  private static final int MOST_QUEUE_TOKENS = 100_000_000;
  private static final int JOIN_SECONDS = 60;
  private static final Set<String> KEYS =
      new TreeSet<>(
          Set.of(
              "model",
              "version",
              "store",
              "sessions",
              "token_budget",
              "batch_size",
              "max_padding",
              "interactive_queue_tokens",
              "bulk_queue_tokens",
              "bulk_share",
              "traversal_paths",
              "join_seconds"));

  static {
    KEYS.addAll(LoadOptions.KEYS);
    KEYS.addAll(AdminOptions.KEYS);
  }

  /// Reads the options.
  ///
  /// @throws FlowException where one is unknown, of the wrong type or out of its range
  public static EncoderOptions from(Parameters with) {
    for (String key : with.struct().getFieldsMap().keySet()) {
      if (!KEYS.contains(key)) {
        throw FlowException.invalid("Encoder: %s (expected: one of %s)".formatted(key, KEYS));
      }
    }
    return new EncoderOptions(
        model(with),
        with.string("store").map(Path::of).orElseGet(ModelStore::defaultRoot),
        with.integer("sessions", Runtime.getRuntime().availableProcessors(), 1, 256),
        with.integer("token_budget", 384, 1, 1_000_000),
        with.integer("batch_size", 64, 1, 4096),
        fraction(with, "max_padding", 0.1),
        with.integer("interactive_queue_tokens", 262_144, 1, MOST_QUEUE_TOKENS),
        with.integer("bulk_queue_tokens", 8_388_608, 1, MOST_QUEUE_TOKENS),
        fraction(with, "bulk_share", 0.1),
        with.string("traversal_paths", "@r"),
        LoadOptions.from(with),
        join(with));
  }

  /// One that a coordinator can tell where the Flow is must not serve a version that may be gone.
  private static Duration join(Parameters with) {
    int fallback = with.value("coordinator").isPresent() ? JOIN_SECONDS : 0;
    return Duration.ofSeconds(with.integer("join_seconds", fallback, 0, 3600));
  }

  /// Whether the model's version is said, and not left to be the newest or a tag's.
  boolean namesVersion() {
    return model.matches(".*@[0-9]+");
  }

  /// The model's name.
  String modelName() {
    int at = model.lastIndexOf('@');
    return at < 0 ? model : model.substring(0, at);
  }

  private static String model(Parameters with) {
    String model = with.string("model", DefaultModel.NAME);
    if (model.isBlank()) {
      throw FlowException.invalid("model: \"\" (expected: name, name@version or name@tag)");
    }
    if (with.value("version").isEmpty()) {
      return model;
    }
    int version = with.integer("version", 1, 1, 999_999_999);
    if (model.indexOf('@') >= 0) {
      throw FlowException.invalid(
          "version: %d beside model %s (expected: one of the two)".formatted(version, model));
    }
    return model + "@" + version;
  }

  private static double fraction(Parameters with, String name, double fallback) {
    double value = with.number(name).orElse(fallback);
    if (!(value >= 0 && value <= 1)) {
      throw FlowException.invalid("%s: %s (expected: 0..1)".formatted(name, value));
    }
    return value;
  }
}
