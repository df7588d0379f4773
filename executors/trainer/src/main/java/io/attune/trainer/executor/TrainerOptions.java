package io.attune.trainer.executor;

import com.google.protobuf.Struct;
import io.attune.document.json.StructJson;
import io.attune.models.ModelStore;
import io.attune.runtime.FlowException;
import io.attune.runtime.Parameters;
import io.attune.runtime.admin.AdminOptions;
import io.attune.runtime.registry.Spelling;
import io.attune.trainer.feedback.Span;
import io.attune.trainer.label.LabelOptions;
import io.attune.trainer.run.RunLimits;
import io.attune.trainer.run.RunStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
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
/// @param interactive `interactive`: what labelling by hand trains with; none, and then there are
///   no endpoints for it
/// @param feedback `feedback`: the executor `Feedback` whose judgments `train_data: feedback`
///   means, by its name in the same Flow (where both keep their state in one workspace), or its
///   folder; none
/// @param loop `fit_after`, `fit_every` and `fit`: when runs on feedback start by themselves (after
///   so many new judgments, 1..1000000000; so long after the last, such as `1d`, 1m..3650d), and
///   their configuration; none
/// @param whenStopped `when_stopped`: what happens with runs under way when the executor stops,
///   `leave` or `cancel`; `leave`
record TrainerOptions(
    Path runs,
    Path store,
    @Nullable Path dataRoot,
    int mostRuns,
    int mostMemoryMb,
    int mostDataMb,
    @Nullable LabelOptions interactive,
    @Nullable Path feedback,
    FeedbackLoop.@Nullable Options loop,
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
              "interactive",
              "feedback",
              "fit_after",
              "fit_every",
              "fit",
              "when_stopped"));

  static {
    KEYS.addAll(AdminOptions.KEYS);
  }

  private static final int LEAST_MEMORY_MB = 256;
  private static final int MOST_MEMORY_MB = 1 << 24;
  private static final int DEFAULT_DATA_MB = 4096;
  private static final int MOST_JUDGMENTS = 1_000_000_000;
  private static final Duration LEAST_EVERY = Duration.ofMinutes(1);
  private static final Duration MOST_EVERY = Duration.ofDays(3650);

  /// What happens with runs under way.
  enum WhenStopped {
    /// They go on, and are found again in the store.
    LEAVE,
    /// They are cancelled, and can be resumed.
    CANCEL
  }

  /// Reads the options.
  ///
  /// @param workspace the executor's own
  /// @throws FlowException where one is unknown, of the wrong type or out of its range
  static TrainerOptions from(Parameters with, Path workspace) {
    for (String key : with.struct().getFieldsMap().keySet()) {
      if (!KEYS.contains(key)) {
        throw FlowException.invalid(
            "Trainer: %s (expected: %s)".formatted(key, Spelling.expected(key, KEYS)));
      }
    }
    Path feedback = with.string("feedback").map(name -> feedback(name, workspace)).orElse(null);
    return new TrainerOptions(
        with.string("runs").map(Path::of).orElseGet(RunStore::defaultRoot),
        with.string("store").map(Path::of).orElseGet(ModelStore::defaultRoot),
        with.string("data_root").or(TrainerOptions::data).map(TrainerOptions::folder).orElse(null),
        with.integer("most_runs", 1, 1, 64),
        with.integer(
            "most_memory_mb", RunLimits.DEFAULT.memoryMb(), LEAST_MEMORY_MB, MOST_MEMORY_MB),
        with.integer("most_data_mb", DEFAULT_DATA_MB, 1, MOST_MEMORY_MB),
        with.object("interactive").map(StructJson::plain).map(LabelOptions::of).orElse(null),
        feedback,
        loop(with, feedback),
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

  /// The folder of an executor beside this one: `<workspace>/<name>/0`, or `<workspace>/<name>`
  /// where this one's has no number either.
  private static Path feedback(String name, Path workspace) {
    if (name.contains("/")) {
      return Path.of(name);
    }
    Path absolute = workspace.toAbsolutePath().normalize();
    boolean isNumbered = absolute.endsWith("0");
    Path others = absolute.resolve(isNumbered ? "../.." : "..").normalize();
    return isNumbered ? others.resolve(name).resolve("0") : others.resolve(name);
  }

  private static FeedbackLoop.@Nullable Options loop(Parameters with, @Nullable Path feedback) {
    int after = with.integer("fit_after", 0, 1, MOST_JUDGMENTS);
    Duration every =
        with.string("fit_every")
            .map(text -> Span.parse("fit_every", text, LEAST_EVERY, MOST_EVERY))
            .orElse(null);
    Optional<Struct> fit = with.object("fit");
    if (after == 0 && every == null) {
      if (fit.isPresent()) {
        throw FlowException.invalid(
            "fit: without fit_after or fit_every (expected: one of them, or both)");
      }
      return null;
    }
    if (feedback == null) {
      throw FlowException.invalid(
          "%s: without feedback (expected: the name of the Flow's executor Feedback, or its folder)"
              .formatted(after > 0 ? "fit_after" : "fit_every"));
    }
    Map<String, @Nullable Object> values =
        StructJson.plain(
            fit.orElseThrow(() ->
                FlowException.invalid(
                    "fit: missing (expected: what runs are configured with, such as {model: NAME})")));
    if (values.containsKey("train_data")) {
      throw FlowException.invalid("fit: train_data (expected: none, it is the feedback)");
    }
    return new FeedbackLoop.Options(after, every, values);
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
