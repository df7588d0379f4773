package io.attune.cli.post;

import io.attune.cli.Console;
import io.attune.cli.Console.Progress;
import io.attune.cli.ExitCode;
import io.attune.cli.JsonText;
import io.attune.cli.Require;
import io.attune.cli.client.FlowAnswer;
import io.attune.cli.client.FlowClient;
import io.attune.document.Document;
import io.attune.document.file.DocumentDraft;
import io.attune.document.file.DocumentFile;
import io.attune.document.file.DocumentFormat;
import io.attune.document.file.DocumentWriter;
import io.attune.document.json.DocumentJson;
import io.attune.document.json.DocumentJson.Unset;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `attune client`: posts documents to any endpoint of a running Flow.
@Command(
    name = "client",
    description =
        "Post documents to an endpoint of a running Flow and show what comes back. Without a FILE and"
            + " without --text, one request without documents is sent, as /status takes it.",
    mixinStandardHelpOptions = true)
public final class ClientCommand implements Callable<Integer> {
  private static final Duration ENDPOINTS_TIMEOUT = Duration.ofSeconds(10);

  private final Console console;

  @Parameters(index = "0", paramLabel = "ENDPOINT", description = "Such as /status.")
  private String endpoint = "";

  @Parameters(
      index = "1..*",
      paramLabel = "FILE",
      description = "JSON Lines, CSV or docarray's binary stream; - for standard input.")
  private List<Path> files = List.of();

  @Option(names = "--text", paramLabel = "TEXT", description = "A document of this text.")
  private List<String> texts = List.of();

  @Mixin private FlowOptions flow = new FlowOptions();
  @Mixin private InputOptions input = new InputOptions();

  @Option(
      names = "--json",
      description = "Print each answer as JSON, one object {data, request_id, results} a line.")
  private boolean json;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "Write the documents that come back to a file, in the format of its name.")
  private @Nullable Path out;

  public ClientCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException {
    if (!endpoint.startsWith("/")) {
      throw FlowException.invalid("ENDPOINT: " + endpoint + " (expected: /index, /status, …)");
    }
    if (!files.isEmpty() && !texts.isEmpty()) {
      throw FlowException.invalid("--text: beside a FILE (expected: one of the two)");
    }
    Require.folderOf("--out", out);
    Require.noInput("--out", out, files);
    try (FlowClient client = flow.connect();
        Input documents = input.open(files);
        DocumentDraft writer =
            out == null ? null : DocumentFile.draft(out, DocumentFormat.ofName(out))) {
      post(client, documents, writer);
    }
    return ExitCode.OK;
  }

  private void post(FlowClient client, Input documents, @Nullable DocumentDraft writer)
      throws IOException {
    try {
      warnOfUnbound(client);
      if (files.isEmpty()) {
        post(client, texts.stream().map(Document::ofText).iterator(), writer, () -> {});
      } else if (writer != null) {
        try (Progress progress = documents.progress(console, endpoint)) {
          post(client, documents, writer, () -> progress.to(documents.position()));
        }
      } else {
        post(client, documents, null, () -> {});
      }
      if (writer != null) {
        writer.finish();
      }
    } catch (RuntimeException | IOException failure) {
      if (writer != null && writer.written() > 0) {
        console.note(
            "%,d documents were written to %s before it failed"
                .formatted(writer.written(), writer.part()));
      }
      throw failure;
    }
  }

  /// A Flow answers an endpoint that nobody binds by sending the documents through its `/default`,
  /// as Jina's does: right for a Flow, but here more likely a slip.
  private void warnOfUnbound(FlowClient client) {
    List<String> bound = client.endpoints(ENDPOINTS_TIMEOUT);
    if (!bound.contains(endpoint)) {
      console.note(
          "warning: no executor binds %s by name (bound: %s)"
              .formatted(endpoint, String.join(", ", bound)));
    }
  }

  private void post(
      FlowClient client,
      Iterator<Document> documents,
      @Nullable DocumentWriter writer,
      Runnable answered) {
    if (endpoint.equals(FitPost.ENDPOINT)) {
      new FitPost(client, flow.parameters().build(), flow.requestSize(), console::note)
          .post(documents, answer -> show(answer, writer));
      answered.run();
      return;
    }
    client.post(
        endpoint,
        documents,
        flow.parameters().build(),
        flow.requestSize(),
        answer -> {
          show(answer, writer);
          answered.run();
        });
  }

  private void show(FlowAnswer answer, @Nullable DocumentWriter writer) {
    if (writer != null) {
      write(answer, writer);
    }
    if (json) {
      console.print(jsonOf(answer, writer == null));
      return;
    }
    if (writer == null && !answer.documents().isEmpty()) {
      DocumentTable.lines(answer.documents()).forEach(console::print);
    }
    if (answer.results().getFieldsCount() > 0) {
      console.print(JsonText.text(answer.results()));
    }
  }

  private static void write(FlowAnswer answer, DocumentWriter writer) {
    try {
      for (Document document : answer.documents()) {
        writer.write(document);
      }
    } catch (IOException failure) {
      throw new UncheckedIOException("--out: " + failure.getMessage(), failure);
    }
  }

  private static String jsonOf(FlowAnswer answer, boolean withDocuments) {
    String results =
        "\"request_id\": \"%s\", \"results\": %s"
            .formatted(
                answer.message().getHeader().getRequestId(), JsonText.text(answer.results()));
    if (!withDocuments) {
      return "{" + results + "}";
    }
    String data =
        answer.message().getData().getDocs().getDocsList().stream()
            .map(document -> DocumentJson.toJson(document, Unset.OMIT))
            .collect(Collectors.joining(",", "[", "]"));
    return "{\"data\": " + data + ", " + results + "}";
  }
}
