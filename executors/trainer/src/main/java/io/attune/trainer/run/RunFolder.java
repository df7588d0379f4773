package io.attune.trainer.run;

import io.attune.evaluator.metrics.Evaluation;
import io.attune.models.Durable;
import io.attune.models.process.ChildJvm;
import io.attune.models.process.ProcessId;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;

/// One run on disk: what its process writes and every other reads. A folder is used from one
/// machine at a time.
///
/// | file | what it holds |
/// |---|---|
/// | `run.yml` | the effective configuration |
/// | `state.json` | status and process |
/// | `metrics.jsonl` | a [ProgressEvent] a line |
/// | `log.txt` | a line of text each, with its time |
/// | `output.txt` | what the process, its JVM and native libraries printed |
/// | `data/` | the documents that came with it, where any did |
/// | `checkpoints/` | see [Checkpoints] |
/// | `examples-PHASE.json` | what some queries found |
/// | `baseline.json` | each query's values before training |
/// | `models` | the folder of the ModelStore that its model comes from |
/// | `artifact.json` | which model was published |
/// | `cancel` | there once somebody asked to cancel |
public final class RunFolder {
  static final String CONFIG = "run.yml";
  static final String OUTPUT = "output.txt";
  static final String DATA = "data";
  private static final String CANCEL = "cancel";
  private static final String ARTIFACT = "artifact.json";
  private static final String MODELS = "models";

  private final Path path;
  private final StateFile state;
  private final LineFile log;
  private final LineFile metrics;

  private RunFolder(Path path) {
    this.path = path;
    this.state = new StateFile(path);
    this.log = new LineFile(path.resolve("log.txt"));
    this.metrics = new LineFile(path.resolve("metrics.jsonl"));
  }

  /// The run of a folder.
  public static RunFolder at(Path path) {
    return new RunFolder(path.toAbsolutePath().normalize());
  }

  /// The folder.
  public Path path() {
    return path;
  }

  /// The folder of the documents that came with it, which is there where any did.
  public Path data() {
    return path.resolve(DATA);
  }

  /// Its name within its experiment.
  public String name() {
    return path.getFileName().toString();
  }

  /// The name of its experiment.
  public String experiment() {
    return Objects.requireNonNull(path.getParent(), "a run lies in an experiment")
        .getFileName()
        .toString();
  }

  /// `experiment/name`.
  public String id() {
    return experiment() + "/" + name();
  }

  /// The effective configuration.
  public RunConfig config() {
    return RunConfig.read(path.resolve(CONFIG));
  }

  /// Replaces the name of its model by the version that it stands for, so that every later attempt
  /// starts from the same one.
  ///
  /// @param version `name@version`
  /// @return the configuration from now on
  public RunConfig pin(String version) {
    RunConfig pinned = config().with(Map.of("model", version));
    keep(CONFIG, pinned.toYaml());
    return pinned;
  }

  /// The folder of the ModelStore that its last attempt was started with; nothing before the first.
  public Optional<Path> models() {
    return kept(MODELS).map(Path::of);
  }

  /// Notes in which ModelStore its model lies and what it makes of it is published.
  public void models(Path store) {
    keep(MODELS, store.toString());
  }

  /// Where it stands. A run whose process is gone without a word has failed, and says so.
  public RunState state() {
    RunState stored = state.read();
    return stored.isLost() ? lost(stored, "its process is gone" + lastWords(0)) : stored;
  }

  /// Adds a line to the log.
  public void log(String line) {
    log.append(Instant.now() + " " + line);
  }

  /// The lines of the log.
  public List<String> logs() {
    return log.lines();
  }

  /// Keeps what some queries found.
  ///
  /// @param phase as [ProgressEvent.Evaluated#phase()]
  /// @param caption which evaluation; empty for the only one
  public void examples(String phase, String caption, List<ExampleMatches> examples) {
    keep(examplesFile(phase, caption), RunJson.MAPPER.writeValueAsString(examples));
  }

  /// What some queries found; nothing where it was not kept.
  public List<ExampleMatches> examples(String phase, String caption) {
    return kept(examplesFile(phase, caption))
        .map(json -> List.of(RunJson.MAPPER.readValue(json, ExampleMatches[].class)))
        .orElse(List.of());
  }

  private static String examplesFile(String phase, String caption) {
    return "examples-" + phase + (caption.isEmpty() ? "" : "-" + caption) + ".json";
  }

  /// Keeps what an evaluation found before training, each query's values with it, so that a later
  /// attempt compares with it too.
  ///
  /// @param caption which evaluation; empty for the only one
  public void baseline(String caption, Map<String, Evaluation> found) {
    keep(baselineFile(caption), RunJson.MAPPER.writeValueAsString(found));
  }

  /// What an evaluation found before training; nothing where there was none.
  public Map<String, Evaluation> baseline(String caption) {
    return kept(baselineFile(caption))
        .map(
            json -> RunJson.MAPPER.readValue(json, new TypeReference<Map<String, Evaluation>>() {}))
        .orElse(Map.of());
  }

  private static String baselineFile(String caption) {
    return "baseline" + (caption.isEmpty() ? "" : "-" + caption) + ".json";
  }

  /// Adds an event to the metrics.
  public void record(ProgressEvent event) {
    metrics.append(event.toJson());
  }

  /// What happened, without the steps that a later attempt did again.
  ///
  /// @throws FlowException (DATA_LOSS) for a line that is no event
  public List<ProgressEvent> events() {
    List<ProgressEvent> events = new ArrayList<>();
    int number = 0;
    for (String line : metrics.lines()) {
      ProgressEvent event = event(line, ++number);
      if (event instanceof ProgressEvent.FitBegin begin) {
        events.removeIf(earlier ->
            earlier.step() > begin.step()
                || isOfTheEnd(earlier)
                || (begin.step() == 0 && !(earlier instanceof ProgressEvent.Message)));
      }
      events.add(event);
    }
    return events;
  }

  /// What follows the last step, and is done again by every attempt.
  private static boolean isOfTheEnd(ProgressEvent event) {
    return event instanceof ProgressEvent.FitEnd
        || (event instanceof ProgressEvent.Evaluated evaluated
            && evaluated.phase().equals(ProgressEvent.Evaluated.AFTER));
  }

  private ProgressEvent event(String line, int number) {
    try {
      return RunJson.MAPPER.readValue(line, ProgressEvent.class);
    } catch (JacksonException e) {
      throw new FlowException(
          ErrorCode.DATA_LOSS,
          "%s:%d: %s (expected: an event of a run)"
              .formatted(path.resolve("metrics.jsonl"), number, e.getOriginalMessage()),
          e);
    }
  }

  /// Follows a run from its first line until it is over.
  public RunFollower follow() {
    return new RunFollower(this, log.tail(), metrics.tail(), this::event);
  }

  /// Syncs metrics and log: called before a checkpoint, which must not know more than they do.
  public void sync() {
    try {
      metrics.sync();
      log.sync();
    } catch (IOException e) {
      throw RunStore.failed(path, e);
    }
  }

  /// Its checkpoints.
  public Checkpoints checkpoints() {
    return new Checkpoints(path.resolve("checkpoints"));
  }

  private void keep(String file, String text) {
    try {
      Durable.write(path, file, text);
    } catch (IOException e) {
      throw RunStore.failed(path, e);
    }
  }

  private Optional<String> kept(String file) {
    try {
      return Optional.of(Files.readString(path.resolve(file)));
    } catch (NoSuchFileException _) {
      return Optional.empty();
    } catch (IOException e) {
      throw RunStore.failed(path, e);
    }
  }

  /// Whether an attempt can be made: nothing trains it and it is not finished.
  public boolean isResumable() {
    RunState now = state();
    return !now.isTaken() && now.status() != RunStatus.FINISHED;
  }

  /// Asks its process to stop at the next step. A run that was not started is cancelled at once.
  public void requestCancel() {
    keep(CANCEL, "");
    state.update(now ->
        now.status() == RunStatus.CREATED
            ? now.over(RunStatus.CANCELLED, "before it was started", Instant.now())
            : now);
  }

  /// Whether somebody asked to cancel.
  public boolean isCancelRequested() {
    return Files.exists(path.resolve(CANCEL));
  }

  /// The published model, where it is finished.
  public Optional<RunArtifact> artifact() {
    return kept(ARTIFACT).map(json -> RunJson.MAPPER.readValue(json, RunArtifact.class));
  }

  /// Notes which model it published.
  public void artifact(RunArtifact artifact) {
    keep(ARTIFACT, RunJson.MAPPER.writeValueAsString(artifact));
  }

  /// Makes this process the one that trains it.
  ///
  /// @throws FlowException (FAILED_PRECONDITION) where another does, or it is finished; (CANCELLED)
  ///   where it was cancelled meanwhile
  void begin() {
    state.update(now -> {
      if (now.status() == RunStatus.CANCELLED || isCancelRequested()) {
        throw new FlowException(
            ErrorCode.CANCELLED, "run: %s was cancelled before it began".formatted(id()));
      }
      if (now.isRunning() || now.status() == RunStatus.FINISHED) {
        throw new FlowException(
            ErrorCode.FAILED_PRECONDITION,
            "run: %s is %s (expected: a run that is neither trained nor finished)"
                .formatted(id(), now.status()));
      }
      return now.started(ProcessId.current(), Instant.now());
    });
    try {
      log.mend();
      metrics.mend();
      checkpoints().sweep();
    } catch (IOException e) {
      throw RunStore.failed(path, e);
    }
  }

  /// Forgets how an earlier attempt ended, and that it was to be cancelled, for the next one: who
  /// follows the run from now on does not take the old end for its end.
  void reopen() {
    try {
      Files.deleteIfExists(path.resolve(CANCEL));
    } catch (IOException e) {
      throw RunStore.failed(path, e);
    }
    state.update(now -> now.isTaken() || now.status() == RunStatus.FINISHED ? now : now.reopened());
  }

  /// Notes the process that was started to train it, until it says itself that it does.
  void starting(ProcessId process) {
    state.update(now -> now.status() == RunStatus.CREATED ? now.startedBy(process) : now);
  }

  /// Notes how this process's attempt ended.
  void end(RunStatus status, String details) {
    state.update(now -> now.over(status, details, Instant.now()));
  }

  /// Notes that a process which trained it is gone, where it did not say how it ended itself.
  ///
  /// @param how what became of it: `its process ran out of heap`
  RunState settle(String how) {
    return state.update(now -> now.status().isOver() || now.isRunning() ? now : lost(now, how));
  }

  /// The run for programs: `experiment`, `run`, `status`, `details`, `created`, `started`,
  /// `finished`, `seconds`, `attempts` and `artifact`; null for what is not there yet.
  public Map<String, @Nullable Object> summary() {
    RunState now = state();
    Map<String, @Nullable Object> summary = new LinkedHashMap<>();
    summary.put("experiment", experiment());
    summary.put("run", name());
    summary.put("status", now.status().name());
    summary.put("details", now.details());
    summary.put("created", now.created().toString());
    summary.put("started", now.started() == null ? null : now.started().toString());
    summary.put("finished", now.finished() == null ? null : now.finished().toString());
    summary.put("seconds", now.duration().map(time -> time.toMillis() / 1e3).orElse(null));
    summary.put("attempts", now.attempts());
    summary.put("artifact", artifact().map(RunArtifact::model).orElse(null));
    return summary;
  }

  private RunState lost(RunState now, String how) {
    boolean cancelled = isCancelRequested();
    String more = checkpoints().isEmpty() ? "" : "; attune runs resume goes on from its checkpoint";
    return now.over(cancelled ? RunStatus.CANCELLED : RunStatus.FAILED, how + more, Instant.now());
  }

  /// What its process printed last, as the end of a message.
  ///
  /// @param from the byte of its output that the attempt began at
  String lastWords(long from) {
    try {
      return ChildJvm.lastWords(path.resolve(OUTPUT), from)
          .map(words -> "; it said: " + words)
          .orElse("");
    } catch (IOException _) {
      return ""; // it printed nothing
    }
  }
}
