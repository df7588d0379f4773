package io.attune.cli.post;

import com.google.protobuf.Struct;
import io.attune.cli.Console;
import io.attune.cli.ExitCode;
import io.attune.cli.client.FlowClient;
import io.attune.document.file.DocumentDraft;
import io.attune.document.file.DocumentFile;
import io.attune.document.file.DocumentFormat;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `attune feedback export`: what was judged, as a file to train on.
@Command(
    name = "export",
    description =
        "Write what was judged to a file that attune fit trains on: each query with its matches,"
            + " labelled 1 for those that belong to it and -1 for those that do not. Queries that"
            + " judge candidates are left out, unless --side asks for them.",
    mixinStandardHelpOptions = true)
public final class FeedbackExportCommand implements Callable<Integer> {
  private final Console console;

  @Parameters(
      paramLabel = "FILE",
      description = "JSON Lines, or docarray's binary stream (.protobuf), by its name.")
  private Path file = Path.of("feedback.jsonl");

  @Option(
      names = "--side",
      description =
          "Which queries: ${COMPLETION-CANDIDATES}. Train on those of train alone: a model that"
              + " was trained on gate queries is judged by what it has seen. all is for a copy to"
              + " keep (default: ${DEFAULT-VALUE}).")
  private FeedbackFlow.Side side = FeedbackFlow.Side.TRAIN;

  @Mixin private FlowOptions flow = new FlowOptions();

  public FeedbackExportCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException {
    Struct parameters = flow.parameters().build();
    if (parameters.containsFields("side")) {
      throw FlowException.invalid("--parameter side: given (expected: --side)");
    }
    try (FlowClient client = flow.connect()) {
      // a Flow without feedback leaves the file as it is
      var _ = FeedbackFlow.call(client, "/feedback/status", parameters);
      try (DocumentDraft writer = DocumentFile.draft(file, DocumentFormat.ofName(file))) {
        long written = FeedbackFlow.export(client, parameters, side, writer::write);
        writer.finish();
        console.note("%,d queries written to %s (side %s)".formatted(written, file, side));
      }
    }
    return ExitCode.OK;
  }
}
