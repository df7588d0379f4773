package io.attune.cli.train;

import io.attune.cli.Console;
import io.attune.cli.ExitCode;
import io.attune.cli.JsonFile;
import io.attune.models.ModelExport;
import io.attune.models.StoredModel;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.trainer.run.RunArtifact;
import io.attune.trainer.run.RunFolder;
import java.io.IOException;
import java.nio.file.Files;
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

  @Mixin private RunOptions options = new RunOptions();

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
    RunFolder found = options.run(run);
    RunArtifact artifact =
        found
            .artifact()
            .orElseThrow(() ->
                new FlowException(
                    ErrorCode.FAILED_PRECONDITION,
                    "run: %s is %s and has no artifact (expected: a finished run)"
                        .formatted(found.id(), found.state().status())));
    StoredModel model = artifact.open();
    Path target = folder.resolve(found.name() + ".zip");
    Files.createDirectories(folder);
    new ModelExport(model).toZip(target);
    if (json) {
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("run", found.id());
      row.put("artifact", artifact.model());
      row.put("path", target.toAbsolutePath().normalize().toString());
      console.print(JsonFile.text(row));
    } else {
      console.print("%s: %s in %s".formatted(found.id(), artifact.model(), target));
    }
    return ExitCode.OK;
  }
}
