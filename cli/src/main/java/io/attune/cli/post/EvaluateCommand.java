package io.attune.cli.post;

import com.google.protobuf.Value;
import io.attune.cli.Console;
import io.attune.cli.Console.Progress;
import io.attune.cli.ExitCode;
import io.attune.cli.JsonFile;
import io.attune.cli.Require;
import io.attune.cli.client.FlowClient;
import io.attune.document.Document;
import io.attune.evaluator.Relevance;
import io.attune.evaluator.metrics.Comparison;
import io.attune.evaluator.metrics.Evaluation;
import io.attune.evaluator.metrics.EvaluationOptions;
import io.attune.evaluator.metrics.Metric;
import io.attune.evaluator.metrics.Ranking;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `attune evaluate`: asks a running Flow questions whose answers are known, and scores it.
@Command(
    name = "evaluate",
    description =
        "Ask a running Flow queries whose relevant documents are known, and score what it finds; with"
            + " --baseline, say whether it got better than an earlier evaluation.",
    mixinStandardHelpOptions = true)
public final class EvaluateCommand implements Callable<Integer> {
  private static final int RESAMPLES = EvaluationOptions.DEFAULT.resamples();
  private static final long SEED = EvaluationOptions.DEFAULT.seed();

  private final Console console;

  @Parameters(
      index = "0",
      paramLabel = "FILE",
      description = "The queries: documents whose tag names what is relevant to them.")
  private Path file = Path.of("-");

  @Option(
      names = "--truth-tag",
      paramLabel = "TAG",
      description =
          "The tag with the id, or the list of ids, of the relevant documents (default:"
              + " ${DEFAULT-VALUE}).")
  private String truthTag = "ground_truth";

  @Option(
      names = "--truth-separator",
      paramLabel = "TEXT",
      description = "What separates several ids in one text, as in a cell of a CSV.")
  private @Nullable String truthSeparator;

  @Option(
      names = {"-k", "--limit"},
      paramLabel = "K",
      description = "Matches for each query, the cut-off, 1 to 10000 (default: ${DEFAULT-VALUE}).")
  private int k = EvaluationOptions.DEFAULT.k();

  @Option(
      names = "--metrics",
      split = ",",
      paramLabel = "NAME",
      description = "Metrics, or the sets standard and docarray (default: standard).")
  private List<String> metrics = List.of("standard");

  @Option(
      names = "--baseline",
      paramLabel = "FILE",
      description = "An earlier --json of the same queries, to compare with query by query.")
  private @Nullable Path baseline;

  @Option(names = "--json", paramLabel = "FILE", description = "Write every figure as JSON.")
  private @Nullable Path json;

  @Mixin private FlowOptions flow = new FlowOptions();
  @Mixin private InputOptions input = new InputOptions();

  public EvaluateCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException {
    Require.within("--limit", k, 1, 10_000);
    Require.folderOf("--json", json);
    EvaluationOptions options =
        EvaluationOptions.DEFAULT.at(k).of(Metric.chosen("--metrics", metrics));
    Evaluation before = baseline == null ? null : EvaluationFile.read(baseline);
    Evaluation evaluation = evaluate(options);
    EvaluationTable.lines(evaluation).forEach(console::print);
    List<Comparison> comparisons = before == null ? List.of() : compare(before, evaluation);
    if (before != null) {
      console.print("");
      EvaluationTable.lines(comparisons).forEach(console::print);
    }
    if (json != null) {
      JsonFile.write(json, EvaluationFile.json(evaluation, comparisons));
    }
    return ExitCode.OK;
  }

  private Evaluation evaluate(EvaluationOptions options) throws IOException {
    Relevance relevance = new Relevance.ByTag(truthTag);
    Map<String, Ranking> rankings = new LinkedHashMap<>();
    try (FlowClient client = flow.connect();
        Input queries = input.open(List.of(file));
        Progress progress = queries.progress(console, "asking")) {
      client.post(
          "/search",
          queries,
          flow.parameters().putFields("limit", number(k)).build(),
          flow.requestSize(),
          answer -> {
            answer.documents().forEach(query -> add(rankings, named(query), relevance));
            progress.to(queries.position());
          });
    }
    return Evaluation.of(rankings.values(), options);
  }

  private static Value number(int value) {
    return Value.newBuilder().setNumberValue(value).build();
  }

  /// The query under a name that stays the same from run to run: its text, for a file need not give
  /// ids.
  private Document named(Document query) {
    if (truthSeparator != null) {
      String ids = query.tag(truthTag).map(Value::getStringValue).orElse("");
      Value.Builder list = Value.newBuilder();
      list.getListValueBuilder();
      for (String id : ids.split(Pattern.quote(truthSeparator), -1)) {
        if (!id.isBlank()) {
          list.getListValueBuilder().addValues(Value.newBuilder().setStringValue(id.strip()));
        }
      }
      query.tag(truthTag, list.build());
    }
    return query.text().isEmpty() ? query : query.id(query.text());
  }

  private static void add(Map<String, Ranking> rankings, Document query, Relevance relevance) {
    String name = query.id();
    for (int i = 2; rankings.containsKey(query.id()); i++) {
      query.id(name + " #" + i);
    }
    rankings.put(query.id(), relevance.rank(query));
  }

  private static List<Comparison> compare(Evaluation before, Evaluation after) {
    List<Comparison> comparisons = new ArrayList<>();
    for (Metric metric : after.metrics().keySet()) {
      if (before.metrics().containsKey(metric)) {
        comparisons.add(Comparison.of(metric, before, after, RESAMPLES, SEED));
      }
    }
    return comparisons;
  }
}
