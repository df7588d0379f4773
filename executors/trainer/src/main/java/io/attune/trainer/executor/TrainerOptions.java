package io.attune.trainer.executor;

import io.attune.models.ModelStore;
import io.attune.runtime.FlowException;
import io.attune.runtime.Parameters;
import io.attune.runtime.admin.AdminOptions;
import io.attune.runtime.registry.Spelling;
import io.attune.trainer.run.RunLimits;
import io.attune.trainer.run.RunStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// The options of `uses: Trainer`, given under `uses_with`, beside those of [AdminOptions#from],
/// which say where the service `Runs` is served.
///
/// @param runs `runs`: where runs are kept; `$ATTUNE_RUNS`, or `~/.attune/runs`
/// @param store `store`: the folder of the ModelStore; `$ATTUNE_MODELS`, or `~/.attune/models`
/// @param dataRoot `data_root`: the folder in which requests may name files; `$ATTUNE_DATA`, or
///   none: they may name no file
/// @param mostRuns `most_runs`: runs that train at the same time, 1..64; 1. One more is refused
///   with RESOURCE_EXHAUSTED
/// @param mostMemoryMb `most_memory_mb`: the most `memory_mb` that a request may ask for,
///   256..16777216; 8192
/// @param mostDataMb `most_data_mb`: the most MiB of documents that clients may send ahead of
///   `/fit`, of all datasets together, 1..16777216; 4096
/// @param whenStopped `when_stopped`: what happens with runs under way when the executor stops,
///   `leave` or `cancel`; `leave`
record TrainerOptions(
    Path runs,
    Path store,
    @Nullable Path dataRoot,
    int mostRuns,
    int mostMemoryMb,
    int mostDataMb,
    WhenStopped whenStopped) {
  private static final Set<String> KEYS =
      new TreeSet<>(
          Set.of(
              "runs",
              "store",
              "data_root",
              "most_runs",
              "most_memory_mb",
              "most_data_mb",
              "when_stopped"));

  static {
    KEYS.addAll(AdminOptions.KEYS);
  }

  private static final int LEAST_MEMORY_MB = 256;
  private static final int MOST_MEMORY_MB = 1 << 24;
  private static final int DEFAULT_DATA_MB = 4096;

  /// What happens with runs under way.
  enum WhenStopped {
    /// They go on, and are found again in the store.
    LEAVE,
    /// They are cancelled, and can be resumed.
    CANCEL
  }

  /// Reads the options.
  ///
  /// @throws FlowException where one is unknown, of the wrong type or out of its range
  static TrainerOptions from(Parameters with) {
    for (String key : with.struct().getFieldsMap().keySet()) {
      if (!KEYS.contains(key)) {
        throw FlowException.invalid(
            "Trainer: %s (expected: %s)".formatted(key, Spelling.expected(key, KEYS)));
      }
    }
    return new TrainerOptions(
        with.string("runs").map(Path::of).orElseGet(RunStore::defaultRoot),
        with.string("store").map(Path::of).orElseGet(ModelStore::defaultRoot),
        with.string("data_root").or(TrainerOptions::data).map(TrainerOptions::folder).orElse(null),
        with.integer("most_runs", 1, 1, 64),
        with.integer(
            "most_memory_mb", RunLimits.DEFAULT.memoryMb(), LEAST_MEMORY_MB, MOST_MEMORY_MB),
        with.integer("most_data_mb", DEFAULT_DATA_MB, 1, MOST_MEMORY_MB),
        whenStopped(with.string("when_stopped", "leave")));
  }

  private static Optional<String> data() {
    return Optional.ofNullable(System.getenv("ATTUNE_DATA")).filter(name -> !name.isBlank());
  }

  private static Path folder(String name) {
    Path folder = Path.of(name);
    if (!Files.isDirectory(folder)) {
      throw FlowException.invalid(
          "data_root: %s (expected: a folder that is there)".formatted(name));
    }
    return folder;
  }

  private static WhenStopped whenStopped(String name) {
    for (WhenStopped each : WhenStopped.values()) {
      if (each.name().toLowerCase(Locale.ROOT).equals(name)) {
        return each;
      }
    }
    throw FlowException.invalid("when_stopped: %s (expected: leave or cancel)".formatted(name));
  }
}
