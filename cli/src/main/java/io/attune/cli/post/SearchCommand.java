package io.attune.cli.post;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.attune.cli.Console;
import io.attune.cli.Excerpt;
import io.attune.cli.ExitCode;
import io.attune.cli.JsonText;
import io.attune.cli.Require;
import io.attune.cli.TextTable;
import io.attune.cli.client.FlowClient;
import io.attune.document.Document;
import io.attune.document.Score;
import io.attune.document.json.DocumentJson;
import io.attune.document.json.DocumentJson.Unset;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `attune search`: asks a running Flow.
@Command(
    name = "search",
    description = "Search a running Flow for the documents nearest to a text.",
    mixinStandardHelpOptions = true)
public final class SearchCommand implements Callable<Integer> {
  private static final int SHOWN_CHARACTERS = 88;
  private static final String COSINE = "cosine";
  private static final String SIMILARITY = "similarity";

  private final Console console;

  @Parameters(arity = "0..*", paramLabel = "TEXT", description = "What to search for, each alone.")
  private List<String> texts = List.of();

  @Option(
      names = "--file",
      paramLabel = "FILE",
      description = "Take the queries from a file of documents; - for standard input.")
  private @Nullable Path file;

  @Mixin private FlowOptions flow = new FlowOptions();
  @Mixin private InputOptions input = new InputOptions();

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "Matches for each query, 1 to 10000 (default: ${DEFAULT-VALUE}).")
  private int limit = 10;

  @Option(
      names = "--filter",
      paramLabel = "JSON",
      description =
          "Only documents that DocArray's query language accepts, such as"
              + " '{\"tags__topic\": {\"$$eq\": \"billing\"}}'.")
  private @Nullable String filter;

  @Option(names = "--exact", description = "Compare with every vector.")
  private boolean exact;

  @Option(
      names = "--json",
      description =
          "Print each query, without its embedding, with its matches as JSON, one object a line.")
  private boolean json;

  public SearchCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException {
    Require.within("--limit", limit, 1, 10_000);
    if (texts.isEmpty() == (file == null)) {
      throw FlowException.invalid(
          texts.isEmpty()
              ? "TEXT: none (expected: a text to search for, or --file)"
              : "--file: beside a TEXT (expected: one of the two)");
    }
    Struct parameters = parameters();
    try (FlowClient client = flow.connect()) {
      if (file == null) {
        search(client, texts.stream().map(Document::ofText).iterator(), parameters);
      } else {
        try (Input queries = input.open(List.of(file))) {
          search(client, queries, parameters);
        }
      }
    }
    return ExitCode.OK;
  }

  private Struct parameters() {
    Struct.Builder parameters = flow.parameters();
    parameters.putFields("limit", Value.newBuilder().setNumberValue(limit).build());
    if (exact) {
      parameters.putFields("exact", Value.newBuilder().setBoolValue(true).build());
    }
    if (filter != null) {
      Struct query = JsonText.struct("--filter", filter);
      parameters.putFields("filter", Value.newBuilder().setStructValue(query).build());
    }
    return parameters.build();
  }

  private void search(FlowClient client, Iterator<Document> queries, Struct parameters) {
    client.post(
        "/search",
        queries,
        parameters,
        flow.requestSize(),
        answer -> answer.documents().forEach(this::show));
  }

  /// Gives each match its similarity beside its distance, where that is what one minus it is.
  private static Document withSimilarities(Document query) {
    List<Document> matches = new ArrayList<>();
    for (Document match : query.matches()) {
      Score distance = match.scores().get(COSINE);
      matches.add(
          distance == null ? match : match.score(SIMILARITY, Score.of(1 - distance.value())));
    }
    return query.matches(matches);
  }

  private void show(Document query) {
    if (json) {
      Document shown = withSimilarities(query.clearEmbedding());
      console.print(DocumentJson.toJson(shown.toProto(), Unset.OMIT));
      return;
    }
    console.print("Q  " + DocumentTable.content(query, SHOWN_CHARACTERS));
    if (query.matchCount() == 0) {
      console.print("no matches");
      return;
    }
    Map<String, Score> first = query.matches().get(0).scores();
    String metric = first.isEmpty() ? "score" : first.keySet().iterator().next();
    boolean similar = metric.equals(COSINE);
    TextTable table =
        similar
            ? new TextTable(metric, SIMILARITY, "id", "text")
            : new TextTable(metric, "id", "text");
    for (Document match : query.matches()) {
      List<String> cells = new ArrayList<>();
      Score score = match.scores().get(metric);
      cells.add(score == null ? "" : "%.4f".formatted(score.value()));
      if (similar) {
        cells.add(score == null ? "" : "%.4f".formatted(1 - score.value()));
      }
      cells.add(Excerpt.of(match.id(), 36));
      cells.add(DocumentTable.content(match, SHOWN_CHARACTERS));
      table.row(cells.toArray(String[]::new));
    }
    table.lines().forEach(console::print);
    console.print("");
  }
}
