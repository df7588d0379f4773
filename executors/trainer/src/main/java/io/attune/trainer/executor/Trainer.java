package io.attune.trainer.executor;

import com.google.protobuf.Struct;
import io.attune.document.Document;
import io.attune.document.DocumentArray;
import io.attune.document.json.StructJson;
import io.attune.models.ModelStore;
import io.attune.runtime.Answer;
import io.attune.runtime.Call;
import io.attune.runtime.Endpoints;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.Executor;
import io.attune.runtime.ExecutorContext;
import io.attune.runtime.FlowException;
import io.attune.trainer.dataset.Datasets;
import io.attune.trainer.fit.FitMain;
import io.attune.trainer.label.LabelOptions;
import io.attune.trainer.run.ProgressEvent;
import io.attune.trainer.run.RunFolder;
import io.attune.trainer.run.RunState;
import io.grpc.BindableService;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Trains models on the documents of requests, each run in a process of its own.
///
/// `/fit` answers as soon as the run is on disk and its process started; `/runs…` tells how runs
/// go. Parameters of `/fit` are the names of a run's configuration. A process that was started
/// needs nobody to watch it: where this executor stops or dies it goes on, unless the options say
/// that it is cancelled, and the next executor of the same store finds it.
public final class Trainer implements Executor {
  private static final String DATASET = "dataset";
  private static final int DEFAULT_LINES = 1000;
  private static final int MOST_LINES = 100_000;

  private final String name;
  private final TrainerRuns runs;
  private final RunsService service;
  private final @Nullable LabelEndpoints labels;
  private final Ticks ticks;

  private Trainer(String name, TrainerOptions options, RunStarter starter, MeterRegistry meters) {
    this.name = name;
    this.runs = new TrainerRuns(options, starter, meters);
    this.service = new RunsService(runs);
    List<Runnable> byItself = new ArrayList<>();
    LabelOptions interactive = options.interactive();
    if (interactive == null) {
      this.labels = null;
    } else {
      LabelEndpoints endpoints = new LabelEndpoints(interactive, options, runs, this::isEnvelope);
      this.labels = endpoints;
      byItself.add(endpoints::trainWhatWaits);
    }
    Path feedback = options.feedback();
    FeedbackLoop.Options loop = options.loop();
    if (feedback != null && loop != null) {
      InstantSource clock = InstantSource.system();
      byItself.add(new FeedbackLoop(feedback, loop, runs, options.runs(), clock)::tick);
    }
    this.ticks = Ticks.start(byItself);
  }

  /// A trainer as its context's options say.
  ///
  /// @throws FlowException where an option is wrong
  public static Trainer open(ExecutorContext context) {
    TrainerOptions options = TrainerOptions.from(context.with(), context.workspace());
    ModelStore store = ModelStore.at(options.store());
    return open(
        context.name(),
        options,
        run -> FitMain.start(run, FitMain.storeOf(run, store)),
        context.meters());
  }

  /// A trainer whose runs are started by another than [FitMain].
  static Trainer open(
      String name, TrainerOptions options, RunStarter starter, MeterRegistry meters) {
    return new Trainer(name, options, starter, meters);
  }

  @Override
  public List<BindableService> adminServices() {
    return List.of(service);
  }

  @Override
  public void bind(Endpoints endpoints) {
    endpoints
        .write("/fit", this::fit)
        .write("/fit/data", this::data)
        .read("/fit/data/list", this::listData)
        .write("/fit/data/delete", this::deleteData)
        .read("/runs", this::list)
        .read("/runs/list", this::list)
        .read("/runs/status", this::status)
        .read("/runs/logs", this::logs)
        .read("/runs/metrics", this::metrics)
        .read("/runs/save", this::save)
        .write("/runs/cancel", this::cancel)
        .write("/runs/resume", this::resume)
        .admin("/runs/delete", this::delete);
    if (labels != null) {
      labels.bind(endpoints);
    }
  }

  private Answer fit(Call call) {
    if (labels != null && labels.takes(call)) {
      return labels.fit(call);
    }
    Map<String, @Nullable Object> values = StructJson.plain(call.parameters().struct());
    values.keySet().removeIf(this::isEnvelope);
    RunFolder run = runs.fit(call.requestId(), values, call.documents());
    Map<String, @Nullable Object> result = summary(run);
    result.put("documents", runs.documents(values, call.documents()));
    return results(result);
  }

  /// Keeps documents for a `/fit` to come.
  private Answer data(Call call) {
    String dataset = parameters(call, DATASET).name(DATASET);
    return results(of(runs.datasets().add(dataset, call.requestId(), call.documents())));
  }

  private Answer listData(Call call) {
    parameters(call);
    return results(Map.of("datasets", runs.datasets().list().stream().map(Trainer::of).toList()));
  }

  private Answer deleteData(Call call) {
    String dataset = parameters(call, DATASET).name(DATASET);
    return results(of(runs.datasets().delete(dataset)));
  }

  private static Map<String, Object> of(Datasets.Dataset dataset) {
    Map<String, Object> result = new LinkedHashMap<>();
    result.put(DATASET, dataset.name());
    result.put("documents", dataset.documents());
    result.put("bytes", dataset.bytes());
    return result;
  }

  private Answer list(Call call) {
    RunParameters parameters = parameters(call, "experiment");
    List<Map<String, @Nullable Object>> all =
        runs.list(parameters.text("experiment")).stream().map(Trainer::any).toList();
    return results(Map.of("runs", all));
  }

  private Answer status(Call call) {
    RunFolder run = runs.get(parameters(call, "run").run());
    Map<String, @Nullable Object> result = summary(run);
    for (ProgressEvent event : run.events().reversed()) {
      if (event instanceof ProgressEvent.Step step) {
        result.put("last_step", step.toMap());
        break;
      }
    }
    return results(result);
  }

  private Answer logs(Call call) {
    RunParameters parameters = parameters(call, "run", "lines");
    RunFolder run = runs.get(parameters.run());
    int most = parameters.whole("lines", DEFAULT_LINES, 1, MOST_LINES);
    return results(last(summary(run), "lines", run.logs(), most));
  }

  private Answer metrics(Call call) {
    RunParameters parameters = parameters(call, "run", "from_step", "lines");
    RunFolder run = runs.get(parameters.run());
    int from = parameters.whole("from_step", 0, 0, Integer.MAX_VALUE);
    int most = parameters.whole("lines", DEFAULT_LINES, 1, MOST_LINES);
    List<Map<String, @Nullable Object>> events =
        run.events().stream()
            .dropWhile(event -> event.step() < from)
            .map(ProgressEvent::toMap)
            .toList();
    return results(last(summary(run), "events", events, most));
  }

  /// The last of many lines, and how many there are before them.
  private static Map<String, @Nullable Object> last(
      Map<String, @Nullable Object> result, String name, List<?> lines, int most) {
    int omitted = Math.max(0, lines.size() - most);
    result.put(name, lines.subList(omitted, lines.size()));
    result.put("omitted", omitted);
    return result;
  }

  private Answer save(Call call) {
    try (SavedModel saved = SavedModel.of(runs.get(parameters(call, "run").run()))) {
      Document document = Document.create().blob(saved.whole()).mimeType("application/zip");
      Map<String, @Nullable Object> result = new LinkedHashMap<>();
      result.put("artifact", saved.artifact());
      result.put("bytes", saved.size());
      return Answer.of(DocumentArray.of(document)).withResults(StructJson.of(result));
    }
  }

  private Answer cancel(Call call) {
    RunParameters parameters = parameters(call, "run", "grace");
    String reference = parameters.run();
    Duration grace =
        Duration.ofSeconds(
            parameters.whole("grace", TrainerRuns.DEFAULT_GRACE, 0, TrainerRuns.MOST_GRACE));
    try {
      RunState _ = runs.cancel(reference, grace);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new FlowException(ErrorCode.UNAVAILABLE, "run: interrupted by a shutdown", e);
    }
    return results(summary(runs.get(reference)));
  }

  private Answer resume(Call call) {
    return results(summary(runs.resume(parameters(call, "run").run())));
  }

  private Answer delete(Call call) {
    RunFolder run = runs.get(parameters(call, "run").run());
    runs.delete(run.id());
    return results(Map.of("deleted", run.id()));
  }

  private RunParameters parameters(Call call, String... names) {
    return RunParameters.of(call, this::isEnvelope, names);
  }

  /// Whether a parameter is none of ours, but carries others: `__results__`, or an object of those
  /// for this executor, which lie beside it already.
  private boolean isEnvelope(String parameter) {
    return parameter.startsWith("__") || parameter.equals(name);
  }

  /// The same, also of a run that cannot be read: with why, and no status.
  private static Map<String, @Nullable Object> any(RunFolder run) {
    try {
      return summary(run);
    } catch (FlowException e) {
      Map<String, @Nullable Object> unreadable = new LinkedHashMap<>();
      unreadable.put("id", run.id());
      unreadable.put("experiment", run.experiment());
      unreadable.put("run", run.name());
      unreadable.put("details", e.getMessage());
      return unreadable;
    }
  }

  private static Map<String, @Nullable Object> summary(RunFolder run) {
    Map<String, @Nullable Object> summary = new LinkedHashMap<>();
    summary.put("id", run.id());
    summary.putAll(run.summary());
    return summary;
  }

  /// Documents do not come back: those of `/fit` may be many, and the caller has them.
  private static Answer results(Map<String, ?> result) {
    Struct struct = StructJson.of(result);
    return Answer.of(DocumentArray.of()).withResults(struct);
  }

  /// Ends the watching of runs, then treats them as the options say.
  @Override
  public void close() {
    ticks.close();
    if (labels != null) {
      labels.close();
    }
    service.close();
    runs.close();
  }
}
