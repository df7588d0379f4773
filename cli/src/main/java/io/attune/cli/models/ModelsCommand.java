package io.attune.cli.models;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `attune models`: what is in the ModelStore.
@Command(
    name = "models",
    description = "List, show, import, export and verify the models in the ModelStore.",
    subcommands = {
      ModelsListCommand.class,
      ModelsShowCommand.class,
      ModelsImportCommand.class,
      ModelsExportCommand.class,
      ModelsVerifyCommand.class,
    },
    mixinStandardHelpOptions = true)
public final class ModelsCommand implements Runnable {
  @Spec private CommandSpec spec;

  /// Made by the command line.
  @SuppressWarnings("NullAway.Init") // picocli sets the spec
  public ModelsCommand() {}

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(),
        "which command? (expected: one of " + spec.subcommands().keySet() + ")");
  }
}
