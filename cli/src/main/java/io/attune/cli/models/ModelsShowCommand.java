package io.attune.cli.models;

import io.attune.cli.Console;
import io.attune.cli.ExitCode;
import io.attune.cli.JsonFile;
import io.attune.models.StoredModel;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `attune models show`.
@Command(
    name = "show",
    description = "Show what a model's artifact.yml says, and where it lies.",
    mixinStandardHelpOptions = true)
final class ModelsShowCommand implements Callable<Integer> {
  private final Console console;

  @Mixin private StoreOptions options = new StoreOptions();

  @Parameters(paramLabel = "MODEL", description = "name (the newest), name@3 or name@tag")
  private String model = "";

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  ModelsShowCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    StoredModel stored = options.model(model);
    if (json) {
      console.print(JsonFile.text(ModelJson.of(stored)));
      return ExitCode.OK;
    }
    console.note(stored.folder().toString());
    console.print(stored.artifact().toYaml().stripTrailing());
    return ExitCode.OK;
  }
}
