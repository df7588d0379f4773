package io.attune.cli.models;

import io.attune.cli.Console;
import io.attune.cli.ExitCode;
import io.attune.cli.JsonFile;
import io.attune.models.ModelExport;
import io.attune.models.StoredModel;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `attune models export`.
@Command(
    name = "export",
    description = "Write a model as a folder, or as a zip where the name ends in .zip.",
    mixinStandardHelpOptions = true)
final class ModelsExportCommand implements Callable<Integer> {
  private final Console console;

  @Mixin private StoreOptions options = new StoreOptions();

  @Parameters(
      index = "0",
      paramLabel = "MODEL",
      description = "name (the newest), name@3 or name@tag")
  private String model = "";

  @Parameters(
      index = "1",
      paramLabel = "TARGET",
      description = "A folder or FILE.zip that is not there yet.")
  private Path target = Path.of("");

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  ModelsExportCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    StoredModel stored = options.model(model);
    boolean zip = target.toString().toLowerCase(Locale.ROOT).endsWith(".zip");
    console.note("export: checking and writing " + stored.id());
    ModelExport export = new ModelExport(stored);
    if (zip) {
      export.toZip(target);
    } else {
      export.toFolder(target);
    }
    if (json) {
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("name", stored.artifact().name());
      row.put("version", stored.artifact().version());
      row.put("path", target.toAbsolutePath().normalize().toString());
      row.put("format", zip ? "zip" : "folder");
      console.print(JsonFile.text(row));
    } else {
      console.print("%s: %d files in %s".formatted(stored.id(), files(stored), target));
    }
    return ExitCode.OK;
  }

  private static int files(StoredModel stored) {
    return stored.artifact().files().size() + 1;
  }
}
