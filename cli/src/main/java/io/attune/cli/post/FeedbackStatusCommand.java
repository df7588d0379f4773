package io.attune.cli.post;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.attune.cli.Console;
import io.attune.cli.ExitCode;
import io.attune.cli.JsonText;
import io.attune.cli.TextTable;
import io.attune.cli.client.FlowClient;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `attune feedback status`: how much was judged, by the version that was judged.
@Command(
    name = "status",
    description = "Count what was judged, by the version of the model that had found it.",
    mixinStandardHelpOptions = true)
public final class FeedbackStatusCommand implements Callable<Integer> {
  private final Console console;

  @Mixin private FlowOptions flow = new FlowOptions();

  @Option(names = "--json", description = "Print it as JSON.")
  private boolean json;

  public FeedbackStatusCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    try (FlowClient client = flow.connect()) {
      FeedbackFlow.Told told =
          FeedbackFlow.call(client, "/feedback/status", flow.parameters().build());
      if (json) {
        console.print(JsonText.text(told.results()));
      } else {
        table(told);
      }
    }
    return ExitCode.OK;
  }

  private void table(FeedbackFlow.Told told) {
    TextTable table = new TextTable("version", "judgments", "relevant", "irrelevant");
    Struct versions =
        told.results().getFieldsOrDefault("versions", Value.getDefaultInstance()).getStructValue();
    for (Map.Entry<String, Value> each : new TreeMap<>(versions.getFieldsMap()).entrySet()) {
      row(table, each.getKey(), each.getValue().getStructValue());
    }
    row(table, "all", told.results());
    table.lines().forEach(console::print);
    Struct impressions =
        told.results()
            .getFieldsOrDefault("impressions", Value.getDefaultInstance())
            .getStructValue();
    console.print(
        "%,d taken back; %,d searches can be judged"
            .formatted(
                told.count("undone"),
                (long)
                    impressions
                        .getFieldsOrDefault("kept", Value.getDefaultInstance())
                        .getNumberValue()));
  }

  private static void row(TextTable table, String name, Struct counts) {
    table.row(
        name,
        number(counts, "judgments"),
        number(counts, "relevant"),
        number(counts, "irrelevant"));
  }

  private static String number(Struct counts, String name) {
    return "%,d"
        .formatted(
            (long) counts.getFieldsOrDefault(name, Value.getDefaultInstance()).getNumberValue());
  }
}
