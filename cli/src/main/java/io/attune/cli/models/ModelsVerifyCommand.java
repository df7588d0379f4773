package io.attune.cli.models;

import io.attune.cli.Console;
import io.attune.cli.ExitCode;
import io.attune.cli.JsonFile;
import io.attune.models.ModelCheck;
import io.attune.models.StoredModel;
import io.attune.models.Verification;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `attune models verify`.
@Command(
    name = "verify",
    description =
        "Recompute the hash of every file of a model, and its goldens in a process of its own.",
    mixinStandardHelpOptions = true)
final class ModelsVerifyCommand implements Callable<Integer> {
  private final Console console;

  @Mixin private StoreOptions options = new StoreOptions();

  @Mixin private CheckOptions check = new CheckOptions();

  @Parameters(paramLabel = "MODEL", description = "name (the newest), name@3 or name@tag")
  private String model = "";

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  ModelsVerifyCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    StoredModel stored = options.model(model);
    Verification found = new ModelCheck(check.limits()).verify(stored);
    if (json) {
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("name", stored.artifact().name());
      row.put("version", stored.artifact().version());
      row.put("files", found.files());
      row.put("goldens", found.goldens());
      row.put("least_cosine", found.leastCosine());
      console.print(JsonFile.text(row));
    } else {
      console.print(
          "%s: %d files intact, %d goldens come out (least cosine %.6f)"
              .formatted(stored.id(), found.files(), found.goldens(), found.leastCosine()));
    }
    return ExitCode.OK;
  }
}
