package io.attune.cli.models;

import io.attune.cli.Console;
import io.attune.cli.ExitCode;
import io.attune.cli.JsonFile;
import io.attune.models.ImportOptions;
import io.attune.models.ModelImport;
import io.attune.models.Pooling;
import io.attune.models.QueryPrompt;
import io.attune.models.Similarity;
import io.attune.models.StoredModel;
import io.attune.runtime.FlowException;
import java.nio.file.Files;
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
            + " The result is tried in a process of its own before it is published. NAME@VERSION"
            + " with --query-prompt makes a version of a stored model that differs in that alone.",
    mixinStandardHelpOptions = true)
final class ModelsImportCommand implements Callable<Integer> {
  private final Console console;

  @Mixin private StoreOptions options = new StoreOptions();

  @Mixin private CheckOptions check = new CheckOptions();

  @Parameters(
      paramLabel = "SOURCE",
      description =
          "A folder or zip with model.onnx and tokenizer.json, or of an exported artifact; or a"
              + " graph, with --tokenizer; or NAME@VERSION of a stored model, with --query-prompt.")
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
    if (source.toString().indexOf('@') > 0 && !Files.exists(source)) {
      return print(derived(source.toString(), settings));
    }
    ModelImport work =
        new ModelImport(options.store(), settings)
            .within(check.limits())
            .telling(step -> console.note("import: " + step));
    return print(tokenizer == null ? work.from(source) : work.from(source, tokenizer));
  }

  /// A stored model with another query prompt.
  private StoredModel derived(String reference, ImportOptions settings) {
    String prompt = settings.queryPrompt();
    if (prompt == null
        || tokenizer != null
        || !settings.equals(ImportOptions.NONE.withPrompts(prompt, null))) {
      throw FlowException.invalid(
          "import: %s (expected: --query-prompt alone with a stored model; a file or folder with"
                  .formatted(reference)
              + " the others)");
    }
    StoredModel parent = options.store().resolve(reference);
    StoredModel model =
        new QueryPrompt(options.store(), check.limits(), step -> console.note("import: " + step))
            .publish(parent, prompt);
    if (model.artifact().space().equals(parent.artifact().space())) {
      console.note("import: it keeps the space of %s".formatted(parent.id()));
    } else {
      console.note(
          "import: %s is from before spaces were free of the query prompt, so this one has a new"
                  .formatted(parent.id())
              + " space: a swap to it embeds all documents again");
    }
    return model;
  }

  private int print(StoredModel model) {
    if (json) {
      console.print(JsonFile.text(ModelJson.of(model)));
    } else {
      console.print(ModelJson.line(model));
      console.note("import: it lies in " + model.folder());
    }
    return ExitCode.OK;
  }
}
