package io.attune.cli.hello;

import io.attune.cli.Closing;
import io.attune.cli.Console;
import io.attune.cli.ExitCode;
import io.attune.cli.JsonFile;
import io.attune.cli.Require;
import io.attune.cli.client.FlowClient;
import io.attune.cli.serve.Addresses;
import io.attune.cli.serve.Workspace;
import io.attune.flows.ExecutorPlan;
import io.attune.flows.FlowPlan;
import io.attune.flows.Flows;
import io.attune.gateway.embedded.EmbeddedFlow;
import io.attune.models.ModelStore;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `attune hello qa`: the main job on an embedded Flow. Answers are indexed, the test questions are
/// asked, and the answers are scored; then a person may ask.
@Command(
    name = "qa",
    description =
        "Index the answers of a help desk, ask its test questions, score what comes back, and stay"
            + " up for questions of your own.",
    mixinStandardHelpOptions = true)
public final class HelloQaCommand implements Callable<Integer> {
  private final Console console;

  @Option(
      names = "--data",
      paramLabel = "FILE.csv",
      description =
          "Another corpus: a CSV with a header that names question and answer; half of its"
              + " questions, chosen by their text, are the test questions.")
  private @Nullable Path data;

  @Option(names = "--json", paramLabel = "FILE", description = "Write every figure as JSON.")
  private @Nullable Path json;

  @Option(names = "--exit", description = "End after the last scores.")
  private boolean exit;

  @Option(
      names = "--no-tune",
      description = "Stop at the first scores: tune nothing and swap nothing.")
  private boolean withoutTuning;

  @Option(
      names = "--judge",
      paramLabel = "N",
      description =
          "Say yourself which answers are right, of so many of the training questions; what people"
              + " say of the others is simulated.")
  private int judged;

  @Option(
      names = "--force",
      description = "Swap also where the tuned model did not show that it is better.")
  private boolean force;

  @Option(
      names = "--limit",
      description = "Matches for each question, the k of the metrics (default: ${DEFAULT-VALUE}).")
  private int limit = 20;

  @Option(
      names = "--workspace",
      paramLabel = "DIR",
      description = "Keep the index here; without, it lives in a folder that is removed.")
  private @Nullable Path workspace;

  public HelloQaCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Require.within("--limit", limit, 1, 1_000);
    Require.within("--judge", judged, 0, 1_000);
    Require.folderOf("--json", json);
    QaCorpus corpus = data == null ? QaCorpusReader.helpDesk() : QaCorpusReader.csv(data);
    try (Closing closing = new Closing(console)) {
      Workspace folder = closing.with(Workspace.of(workspace));
      console.note("starting the Flow: gateway, encoder, indexer, feedback, evaluator");
      ModelStore store = ModelStore.at(folder.path().resolve("models"));
      FlowPlan plan = plan(folder.path(), store);
      EmbeddedFlow flow = closing.with(EmbeddedFlow.start(plan));
      try (FlowClient client = FlowClient.connect(address(flow))) {
        Addresses.print(console, plan, flow);
        QaJob job = new QaJob(console, client, corpus, limit);
        QaReport report = job.run();
        report.lines().forEach(console::print);
        Map<String, Object> figures = new LinkedHashMap<>(report.toJson());
        boolean clean = true;
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        write(figures); // what fails after this loses nothing
        if (!withoutTuning) {
          QaJudge judge = new QaJudge(console, corpus, lines, judged);
          QaTuning tuning =
              new QaTuning(
                  console, client, corpus, folder.path().resolve("tuning"), store, limit, judge);
          clean = tune(closing, flow, job, tuning, report, figures);
          write(figures);
        }
        if (!exit) {
          ask(closing, plan, flow, new QaPrompt(console, client, corpus, lines));
        }
        return clean ? ExitCode.OK : ExitCode.FAILURE;
      }
    }
  }

  private void write(Map<String, Object> figures) throws IOException {
    if (json != null) {
      JsonFile.write(json, figures);
    }
  }

  /// The Flow, with a store of its own: what is tuned here is no next version for anybody else.
  private static FlowPlan plan(Path folder, ModelStore store) {
    FlowPlan plan = Flows.with(Map.of()).named("hello-qa").withWorkspace(folder);
    ExecutorPlan encoder = plan.executor("encoder").orElseThrow();
    Map<String, @Nullable Object> options = new LinkedHashMap<>(encoder.usesWith());
    options.put("store", store.root().toString());
    return plan.withExecutor(encoder.withOptions(options));
  }

  private static String address(EmbeddedFlow flow) {
    return "localhost:" + flow.grpcPort();
  }

  /// Tunes, compares, and swaps; answers whether nothing failed and nothing was wrong meanwhile.
  private boolean tune(
      Closing closing,
      EmbeddedFlow flow,
      QaJob job,
      QaTuning tuning,
      QaReport report,
      Map<String, Object> figures)
      throws IOException, InterruptedException {
    String live = job.version();
    Optional<QaTuning.Candidate> tuned = tuning.tune(closing, live, job.found());
    if (tuned.isEmpty()) {
      return true;
    }
    QaTuning.Candidate candidate = tuned.get();
    console.print("");
    console.print("gate: " + candidate.verdict().reason());
    figures.put("gate", candidate.verdict().toJson());
    if (!candidate.verdict().passed() && !force) {
      console.note("%s stays live; --force swaps all the same".formatted(live));
      return true;
    }
    LiveSwap.Outcome outcome =
        new LiveSwap(console, "localhost:" + flow.adminPort(), address(flow))
            .run(live, candidate.model(), report.corpus(), candidate.exact());
    QaComparison comparison = new QaComparison(report.evaluation(), job.score(), outcome);
    comparison.lines().forEach(console::print);
    figures.putAll(comparison.toJson());
    return outcome.isClean();
  }

  /// Takes questions. Where they did not come from a person, the end of them is not a person's wish
  /// to end.
  private void ask(Closing closing, FlowPlan plan, EmbeddedFlow flow, QaPrompt prompt)
      throws IOException, InterruptedException {
    console.note("");
    Addresses.print(console, plan, flow);
    prompt.run();
    if (!Console.canAsk()) {
      console.note("no more questions on standard input; the Flow stays up until Ctrl-C");
      closing.untilProcessStops();
    }
  }
}
