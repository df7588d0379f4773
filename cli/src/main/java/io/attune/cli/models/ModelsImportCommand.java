package io.attune.cli.models;

import io.attune.cli.Console;
import io.attune.cli.ExitCode;
import io.attune.cli.JsonFile;
import io.attune.models.ImportOptions;
import io.attune.models.ModelImport;
import io.attune.models.Pooling;
import io.attune.models.Similarity;
import io.attune.models.StoredModel;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `attune models import`.
@Command(
    name = "import",
    description =
        "Import a BERT-style ONNX model, or an exported artifact, as the next version of a model."
            + " The result is tried in a process of its own before it is published.",
    mixinStandardHelpOptions = true)
final class ModelsImportCommand implements Callable<Integer> {
  private final Console console;

  @Mixin private StoreOptions options = new StoreOptions();

  @Mixin private CheckOptions check = new CheckOptions();

  @Parameters(
      paramLabel = "SOURCE",
      description =
          "A folder or zip with model.onnx and tokenizer.json, or of an exported artifact; or a"
              + " graph, with --tokenizer.")
  private Path source = Path.of("");

  @Option(names = "--tokenizer", paramLabel = "FILE", description = "The graph's tokenizer.json.")
  private @Nullable Path tokenizer;

  @Option(
      names = "--name",
      description = "The model's name (default: the artifact's, the folder's or the file's).")
  private @Nullable String name;

  @Option(
      names = "--pooling",
      description =
          "How a text's token vectors become one: ${COMPLETION-CANDIDATES} (default: what"
              + " 1_Pooling/config.json says, else mean).")
  private @Nullable Pooling pooling;

  @Option(
      names = "--normalize",
      negatable = true,
      arity = "0",
      description =
          "Bring embeddings to length 1, or not (default: what modules.json says, else yes).")
  private @Nullable Boolean normalize;

  @Option(
      names = "--max-length",
      paramLabel = "TOKENS",
      description =
          "The most tokens of a text, 3 up to the model's positions (default: what"
              + " sentence_bert_config.json says, else 256).")
  private @Nullable Integer maxLength;

  @Option(
      names = "--similarity",
      description = "How embeddings are meant to be compared: ${COMPLETION-CANDIDATES}.")
  private @Nullable Similarity similarity;

  @Option(
      names = "--query-prompt",
      paramLabel = "TEXT",
      description = "Put before the text of each query, such as \"query: \".")
  private @Nullable String queryPrompt;

  @Option(
      names = "--document-prompt",
      paramLabel = "TEXT",
      description = "Put before the text of each document, such as \"passage: \".")
  private @Nullable String documentPrompt;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  ModelsImportCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    ImportOptions settings =
        new ImportOptions(
            name, pooling, normalize, maxLength, similarity, queryPrompt, documentPrompt);
    ModelImport work =
        new ModelImport(options.store(), settings)
            .within(check.limits())
            .telling(step -> console.note("import: " + step));
    StoredModel model = tokenizer == null ? work.from(source) : work.from(source, tokenizer);
    if (json) {
      console.print(JsonFile.text(ModelJson.of(model)));
    } else {
      console.print(ModelJson.line(model));
      console.note("import: it lies in " + model.folder());
    }
    return ExitCode.OK;
  }
}
