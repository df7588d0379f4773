package io.attune.cli.models;

import io.attune.cli.Console;
import io.attune.cli.ExitCode;
import io.attune.cli.JsonFile;
import io.attune.models.StoredModel;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.trainer.graph.GraphSummary;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `attune models show`.
@Command(
    name = "show",
    description =
        "Show what a model's artifact.yml says, where it lies, and its layers: name, output shape,"
            + " parameters, and whether they are trained.",
    mixinStandardHelpOptions = true)
final class ModelsShowCommand implements Callable<Integer> {
  private final Console console;

  @Mixin private StoreOptions options = new StoreOptions();

  @Parameters(
      paramLabel = "MODEL",
      description = "name (the newest), name@3 or name@tag; or a graph, FILE.onnx")
  private String model = "";

  @Option(
      names = "--freeze",
      paramLabel = "PATTERN",
      description =
          "Show what fit --freeze would leave as it is, such as encoder.layer.0; may be repeated.")
  private List<String> freeze = new ArrayList<>();

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  ModelsShowCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException {
    boolean isFile = model.endsWith(".onnx");
    StoredModel stored = isFile ? null : options.model(model);
    Path graph = stored == null ? Path.of(model) : stored.requireIntact().model();
    GraphSummary summary = summary(graph);
    if (json) {
      Map<String, @Nullable Object> all = new LinkedHashMap<>();
      if (stored == null) {
        all.put("file", graph.toString());
      } else {
        all.putAll(ModelJson.of(stored));
      }
      all.putAll(ModelLayers.json(summary));
      console.print(JsonFile.text(all));
      return ExitCode.OK;
    }
    if (stored != null) {
      console.note(stored.folder().toString());
      console.print(stored.artifact().toYaml().stripTrailing());
      console.print("");
    }
    if (summary != null) {
      ModelLayers.lines(summary).forEach(console::print);
    }
    return ExitCode.OK;
  }

  /// The layers; null, with a note, where the graph cannot be trained.
  private @Nullable GraphSummary summary(Path graph) throws IOException {
    try {
      return ModelLayers.of(graph, freeze);
    } catch (FlowException failure) {
      if (failure.code() != ErrorCode.INVALID_ARGUMENT || !freeze.isEmpty()) {
        throw failure;
      }
      console.note("no layers, for it cannot be trained: " + failure.getMessage());
      return null;
    }
  }
}
