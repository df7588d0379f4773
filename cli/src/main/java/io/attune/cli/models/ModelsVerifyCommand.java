package io.attune.cli.models;

import io.attune.cli.Console;
import io.attune.cli.ExitCode;
import io.attune.models.StoredModel;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `attune models verify`.
@Command(
    name = "verify",
    description = "Recompute the hash of every file of a model.",
    mixinStandardHelpOptions = true)
final class ModelsVerifyCommand implements Callable<Integer> {
  private final Console console;

  @Mixin private StoreOptions options = new StoreOptions();

  @Parameters(paramLabel = "MODEL", description = "name (the newest), name@3 or name@tag")
  private String model = "";

  ModelsVerifyCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    StoredModel stored = options.model(model).requireIntact();
    console.print("%s: %d files intact".formatted(stored.id(), stored.artifact().files().size()));
    return ExitCode.OK;
  }
}
