package io.attune.cli.post;

import io.attune.cli.Console;
import io.attune.cli.ExitCode;
import io.attune.cli.client.FlowClient;
import io.attune.document.file.DocumentDraft;
import io.attune.document.file.DocumentFile;
import io.attune.document.file.DocumentFormat;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `attune feedback export`: what was judged, as a file to train on.
@Command(
    name = "export",
    description =
        "Write what was judged to a file that attune fit trains on: each query with its matches,"
            + " labelled 1 for those that belong to it and -1 for those that do not.",
    mixinStandardHelpOptions = true)
public final class FeedbackExportCommand implements Callable<Integer> {
  private final Console console;

  @Parameters(
      paramLabel = "FILE",
      description = "JSON Lines, or docarray's binary stream (.protobuf), by its name.")
  private Path file = Path.of("feedback.jsonl");

  @Mixin private FlowOptions flow = new FlowOptions();

  public FeedbackExportCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException {
    try (FlowClient client = flow.connect()) {
      // a Flow without feedback leaves the file as it is
      var _ = FeedbackFlow.call(client, "/feedback/status", flow.parameters().build());
      try (DocumentDraft writer = DocumentFile.draft(file, DocumentFormat.ofName(file))) {
        long written = FeedbackFlow.export(client, flow.parameters().build(), writer::write);
        writer.finish();
        console.note("%,d queries written to %s".formatted(written, file));
      }
    }
    return ExitCode.OK;
  }
}
