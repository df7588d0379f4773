package io.attune.cli.post;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.attune.cli.Console;
import io.attune.cli.ExitCode;
import io.attune.cli.client.FlowClient;
import io.attune.document.Document;
import io.attune.document.file.DocumentFile;
import io.attune.document.file.DocumentWriter;
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
  private static final int PAGE = 1000;

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
      FeedbackFlow.Told told = FeedbackFlow.call(client, "/feedback/export", page(0));
      try (DocumentWriter writer = DocumentFile.writer(file)) {
        long all = told.count("queries");
        long written = write(writer, told);
        while (written < all && !told.documents().isEmpty()) {
          told = FeedbackFlow.call(client, "/feedback/export", page(written));
          written += write(writer, told);
        }
        console.note("%,d queries written to %s".formatted(written, file));
      }
    }
    return ExitCode.OK;
  }

  private static long write(DocumentWriter writer, FeedbackFlow.Told told) throws IOException {
    for (Document query : told.documents()) {
      writer.write(query);
    }
    return told.documents().size();
  }

  private Struct page(long offset) {
    return flow.parameters()
        .putFields("offset", Value.newBuilder().setNumberValue((double) offset).build())
        .putFields("limit", Value.newBuilder().setNumberValue(PAGE).build())
        .build();
  }
}
