package io.attune.cli.hello;

import io.attune.cli.Closing;
import io.attune.cli.Console;
import io.attune.cli.ExitCode;
import io.attune.cli.JsonFile;
import io.attune.cli.Require;
import io.attune.cli.client.FlowClient;
import io.attune.cli.serve.Addresses;
import io.attune.cli.serve.Workspace;
import io.attune.flows.FlowPlan;
import io.attune.flows.Flows;
import io.attune.gateway.embedded.EmbeddedFlow;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
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

  @Option(names = "--exit", description = "End after the scores.")
  private boolean exit;

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
    Require.folderOf("--json", json);
    QaCorpus corpus = data == null ? QaCorpusReader.helpDesk() : QaCorpusReader.csv(data);
    try (Closing closing = new Closing(console)) {
      Workspace folder = closing.with(Workspace.of(workspace));
      console.note("starting the Flow: gateway, encoder, indexer, evaluator");
      FlowPlan plan = Flows.with(Map.of()).named("hello-qa").withWorkspace(folder.path());
      EmbeddedFlow flow = closing.with(EmbeddedFlow.start(plan));
      try (FlowClient client = FlowClient.connect("localhost:" + flow.grpcPort())) {
        run(corpus, plan, flow, client);
        if (!exit) {
          ask(closing, corpus, plan, flow, client);
        }
      }
    }
    return ExitCode.OK;
  }

  private void run(QaCorpus corpus, FlowPlan plan, EmbeddedFlow flow, FlowClient client)
      throws IOException {
    Addresses.print(console, plan, flow);
    QaReport report = new QaJob(console, client, corpus, limit).run();
    report.lines().forEach(console::print);
    if (json != null) {
      JsonFile.write(json, report.toJson());
    }
  }

  /// Takes questions. Where they did not come from a person, the end of them is not a person's wish
  /// to end.
  private void ask(
      Closing closing, QaCorpus corpus, FlowPlan plan, EmbeddedFlow flow, FlowClient client)
      throws IOException, InterruptedException {
    console.note("");
    Addresses.print(console, plan, flow);
    new QaPrompt(console, client, corpus).run();
    if (!Console.canAsk()) {
      console.note("no more questions on standard input; the Flow stays up until Ctrl-C");
      closing.untilProcessStops();
    }
  }
}
