package io.attune.cli.post;

import io.attune.cli.Console;
import io.attune.cli.Console.Progress;
import io.attune.cli.ExitCode;
import io.attune.cli.JsonFile;
import io.attune.cli.client.FlowClient;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `attune index`: stores the documents of files in a running Flow.
@Command(
    name = "index",
    description =
        "Store documents in a running Flow. What was answered is on disk and is found by every search"
            + " that starts after; a document whose id is there already replaces it.",
    mixinStandardHelpOptions = true)
public final class IndexCommand implements Callable<Integer> {
  private final Console console;

  @Parameters(
      arity = "1..*",
      paramLabel = "FILE",
      description = "JSON Lines, CSV or docarray's binary stream; - for standard input.")
  private List<Path> files = List.of();

  @Mixin private FlowOptions flow = new FlowOptions();
  @Mixin private InputOptions input = new InputOptions();

  @Option(names = "--json", description = "Print the figures as JSON.")
  private boolean json;

  private long acknowledged;

  public IndexCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException {
    long start = System.nanoTime();
    try (Input documents = input.open(files);
        FlowClient client = flow.connect();
        Progress progress = documents.progress(console, "indexing")) {
      client.post(
          "/index",
          documents,
          flow.parameters().build(),
          flow.requestSize(),
          answer -> {
            acknowledged += answer.request().getData().getDocs().getDocsCount();
            progress.to(documents.position());
          });
    } catch (RuntimeException failure) {
      if (acknowledged > 0) {
        console.note("%,d documents were stored before it failed".formatted(acknowledged));
      }
      throw failure;
    }
    report((System.nanoTime() - start) / 1e9);
    return ExitCode.OK;
  }

  private void report(double seconds) {
    double rate = acknowledged / seconds;
    if (json) {
      Map<String, Object> figures = new LinkedHashMap<>();
      figures.put("documents", acknowledged);
      figures.put("seconds", seconds);
      figures.put("documents_per_second", rate);
      console.print(JsonFile.text(figures));
    } else {
      console.print(
          "stored %,d documents in %.1f s (%,.0f/s)".formatted(acknowledged, seconds, rate));
    }
  }
}
