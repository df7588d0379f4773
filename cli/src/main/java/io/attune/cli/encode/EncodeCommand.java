package io.attune.cli.encode;

import com.google.protobuf.Struct;
import io.attune.cli.Console;
import io.attune.cli.Console.Progress;
import io.attune.cli.ExitCode;
import io.attune.cli.JsonFile;
import io.attune.cli.Require;
import io.attune.cli.models.StoreOptions;
import io.attune.cli.post.InputOptions;
import io.attune.document.Document;
import io.attune.document.file.DocumentDraft;
import io.attune.document.file.DocumentFormat;
import io.attune.document.file.JsonLines;
import io.attune.document.json.StructJson;
import io.attune.models.DefaultModel;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `attune encode`: texts in, embeddings out, without a server.
@Command(
    name = "encode",
    description =
        "Give texts their embeddings, in this process. They are printed as JSON lines, or written to"
            + " a file.",
    mixinStandardHelpOptions = true)
public final class EncodeCommand implements Callable<Integer> {
  private static final int MOST_BATCH = 4096;
  private static final int MOST_SESSIONS = 256;

  /// Which of a model's prompts goes before each text.
  enum Prompt {
    QUERY,
    DOCUMENT,
    NONE
  }

  private final Console console;

  @Parameters(arity = "0..*", paramLabel = "TEXT", description = "What to embed, each alone.")
  private List<String> texts = List.of();

  @Option(
      names = "--file",
      paramLabel = "FILE",
      description =
          "Take the texts from a file, which may be repeated: JSON Lines, CSV, docarray's binary"
              + " stream, or .txt with a text a line; - for standard input, a text a line unless"
              + " --format says otherwise.")
  private List<Path> files = List.of();

  @Mixin private InputOptions input = new InputOptions();

  @Mixin private StoreOptions store = new StoreOptions();

  @Option(
      names = "--model",
      paramLabel = "MODEL",
      description = "name (the newest), name@3 or name@tag (default: ${DEFAULT-VALUE}).")
  private String model = DefaultModel.NAME;

  @Option(
      names = "--prompt",
      description =
          "Which of the model's prompts goes before each text: ${COMPLETION-CANDIDATES} (default:"
              + " ${DEFAULT-VALUE}).")
  private Prompt prompt = Prompt.DOCUMENT;

  @Option(
      names = "--batch-size",
      paramLabel = "N",
      description = "The most texts of a batch, 1 to 4096 (default: 64).")
  private @Nullable Integer batchSize;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Batches at the same time, each on a thread, 1 to 256 (default: one a core).")
  private @Nullable Integer threads;

  @Option(names = "--overwrite", description = "Embed documents again that have an embedding.")
  private boolean overwrite;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description =
          "Write to a file, in the format of its name: .jsonl, .csv (id, text, embedding as a JSON"
              + " list), .bin or .protobuf.")
  private @Nullable Path out;

  @Option(
      names = "--json",
      description = "Print the figures as JSON; only with --out, for embeddings are JSON already.")
  private boolean json;

  public EncodeCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException {
    check();
    DocumentFormat format = out == null ? new JsonLines() : DocumentFormat.ofName(out);
    long start = System.nanoTime();
    try (EncodeSource source = EncodeSource.of(files, input);
        EmbeddedEncoder encoder = EmbeddedEncoder.open(options())) {
      long loaded = System.nanoTime();
      EncodeJob job = new EncodeJob(encoder, parameters());
      Iterator<Document> documents =
          files.isEmpty() ? texts.stream().map(Document::ofText).iterator() : source;
      encode(job, documents, format);
      report(job, (loaded - start) / 1e9, (System.nanoTime() - loaded) / 1e9);
    }
    return ExitCode.OK;
  }

  private void encode(EncodeJob job, Iterator<Document> documents, DocumentFormat format)
      throws IOException {
    try (Progress progress = console.progress("encoding", -1, "texts")) {
      if (out == null) {
        job.run(documents, EmbeddingWriter.toOutput(console), progress);
        return;
      }
      try (DocumentDraft draft = EmbeddingWriter.draft(out, format)) {
        job.run(documents, EmbeddingWriter.filling(draft, format), progress);
        draft.finish();
      }
    } catch (RuntimeException | IOException failure) {
      if (job.written() > 0) {
        String where = out == null ? "" : " to " + DocumentDraft.partOf(out);
        console.note(
            "%,d documents were written%s before it failed".formatted(job.written(), where));
      }
      throw failure;
    }
  }

  private void check() throws IOException {
    if (texts.isEmpty() == files.isEmpty()) {
      throw FlowException.invalid(
          texts.isEmpty()
              ? "TEXT: none (expected: a text to embed, or --file)"
              : "--file: beside a TEXT (expected: one of the two)");
    }
    if (json && out == null) {
      throw FlowException.invalid("--json: without --out (expected: both)");
    }
    if (batchSize != null) {
      Require.within("--batch-size", batchSize, 1, MOST_BATCH);
    }
    if (threads != null) {
      Require.within("--threads", threads, 1, MOST_SESSIONS);
    }
    Require.folderOf("--out", out);
    Require.noInput("--out", out, files);
  }

  private Struct options() {
    Map<String, Object> options = new LinkedHashMap<>();
    options.put("model", model);
    options.put("store", store.store().root().toString());
    if (threads != null) {
      options.put("sessions", threads);
    }
    return StructJson.of(options);
  }

  private Struct parameters() {
    Map<String, Object> parameters = new LinkedHashMap<>();
    parameters.put("prompt", prompt.name().toLowerCase(Locale.ROOT));
    parameters.put("overwrite", overwrite);
    if (batchSize != null) {
      parameters.put("batch_size", batchSize);
    }
    return StructJson.of(parameters);
  }

  private void report(EncodeJob job, double loading, double seconds) {
    if (json) {
      console.print(JsonFile.text(job.json(loading, seconds)));
    } else if (job.written() > 0) {
      job.lines(loading, seconds).forEach(out == null ? console::note : console::print);
    } else {
      console.note("nothing to embed");
    }
  }
}
