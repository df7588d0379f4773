package io.attune.cli.post;

import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.attune.cli.Console;
import io.attune.cli.ExitCode;
import io.attune.cli.client.FlowClient;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `attune feedback undo`: takes back what was judged.
@Command(
    name = "undo",
    description = "Take back what was judged of a search: of some documents, or of all.",
    mixinStandardHelpOptions = true)
public final class FeedbackUndoCommand implements Callable<Integer> {
  private final Console console;

  @Parameters(index = "0", paramLabel = "REQUEST", description = "The id of the search's request.")
  private String request = "";

  @Parameters(
      index = "1..*",
      paramLabel = "ID",
      description = "Documents; all where none is given.")
  private List<String> documents = List.of();

  @Option(names = "--query", paramLabel = "ID", description = "Only of this query of the request.")
  private String query = "";

  @Mixin private FlowOptions flow = new FlowOptions();

  public FeedbackUndoCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    Struct.Builder parameters = flow.parameters().putFields("request_id", text(request));
    if (!query.isEmpty()) {
      parameters.putFields("query", text(query));
    }
    if (!documents.isEmpty()) {
      ListValue.Builder ids = ListValue.newBuilder();
      documents.forEach(id -> ids.addValues(text(id)));
      parameters.putFields("documents", Value.newBuilder().setListValue(ids).build());
    }
    try (FlowClient client = flow.connect()) {
      FeedbackFlow.Told told = FeedbackFlow.call(client, "/feedback/undo", parameters.build());
      console.print("%,d judgments taken back".formatted(told.count("undone")));
    }
    return ExitCode.OK;
  }

  private static Value text(String text) {
    return Value.newBuilder().setStringValue(text).build();
  }
}
