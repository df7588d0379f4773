package io.attune.cli.train;

import io.attune.cli.Console;
import io.attune.cli.ExitCode;
import io.attune.cli.JsonFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `attune runs save`.
@Command(
    name = "save",
    description = "Write the model that a run published as DIR/RUN.zip.",
    mixinStandardHelpOptions = true)
final class RunsSaveCommand implements Callable<Integer> {
  private final Console console;

  @Mixin private WhichRuns which = new WhichRuns();

  @Parameters(index = "0", paramLabel = "RUN", description = "name, or experiment/name")
  private String run = "";

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "DIR",
      description = "A folder (default: ${DEFAULT-VALUE}).",
      defaultValue = "artifacts")
  private Path folder = Path.of("");

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  RunsSaveCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException {
    try (RunsAccess runs = which.open()) {
      RunsAccess.Saved saved = runs.save(run, folder);
      if (json) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("run", saved.run().id());
        row.put("artifact", saved.artifact());
        row.put("path", saved.zip().toAbsolutePath().normalize().toString());
        console.print(JsonFile.text(row));
      } else {
        console.print("%s: %s in %s".formatted(saved.run().id(), saved.artifact(), saved.zip()));
      }
    }
    return ExitCode.OK;
  }
}
