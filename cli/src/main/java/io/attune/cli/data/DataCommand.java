package io.attune.cli.data;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `attune data`: writes files that `attune fit` reads.
@Command(
    name = "data",
    description = "Write training and test files of questions and answers.",
    subcommands = {DataQaCommand.class, DataCovidQaCommand.class},
    mixinStandardHelpOptions = true)
public final class DataCommand implements Runnable {
  @Spec private CommandSpec spec;

  /// Made by the command line.
  @SuppressWarnings("NullAway.Init") // picocli sets the spec
  public DataCommand() {}

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(),
        "which command? (expected: one of " + spec.subcommands().keySet() + ")");
  }
}
