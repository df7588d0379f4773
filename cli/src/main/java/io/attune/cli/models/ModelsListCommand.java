package io.attune.cli.models;

import io.attune.cli.Console;
import io.attune.cli.ExitCode;
import io.attune.cli.JsonFile;
import io.attune.cli.TextTable;
import io.attune.models.Artifact;
import io.attune.models.ModelStore;
import io.attune.runtime.FlowException;
import io.attune.runtime.ModelVersion;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Map.Entry;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `attune models list`. A version that cannot be read is a line, too, with what is wrong with it.
@Command(
    name = "list",
    description = "List every version of every model.",
    mixinStandardHelpOptions = true)
final class ModelsListCommand implements Callable<Integer> {
  private static final String DAMAGED = "damaged";

  private final Console console;

  @Mixin private StoreOptions options = new StoreOptions();

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  ModelsListCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    ModelStore store = options.store();
    List<Map<String, Object>> rows = new ArrayList<>();
    TextTable table = new TextTable("model", "dimension", "max_length", "tags", "space");
    for (ModelVersion id : store.ids()) {
      Artifact artifact;
      try {
        artifact = store.open(id).artifact();
      } catch (FlowException damaged) {
        String why = String.valueOf(damaged.getMessage());
        rows.add(Map.of("name", id.name(), "version", id.version(), DAMAGED, why));
        table.row(id.toString(), DAMAGED.toUpperCase(Locale.ROOT), "", "", why);
        continue;
      }
      List<String> tags = tags(store, artifact);
      rows.add(row(artifact, tags));
      table.row(
          id.toString(),
          String.valueOf(artifact.dimension()),
          String.valueOf(artifact.maxLength()),
          String.join(",", tags),
          artifact.space().toString());
    }
    if (json) {
      console.print(JsonFile.text(rows));
    } else if (rows.isEmpty()) {
      console.note("no models in " + store.root() + " (attune models import brings one)");
    } else {
      table.lines().forEach(console::print);
    }
    return ExitCode.OK;
  }

  private static List<String> tags(ModelStore store, Artifact artifact) {
    return store.tags(artifact.name()).entrySet().stream()
        .filter(tag -> tag.getValue() == artifact.version())
        .map(Entry::getKey)
        .sorted()
        .toList();
  }

  private static Map<String, Object> row(Artifact artifact, List<String> tags) {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("name", artifact.name());
    row.put("version", artifact.version());
    row.put("dimension", artifact.dimension());
    row.put("max_length", artifact.maxLength());
    row.put("tags", tags);
    row.put("space", artifact.space().toString());
    return row;
  }
}
