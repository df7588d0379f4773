package io.attune.cli.hello;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `attune hello`: the ready-made demonstrations.
@Command(
    name = "hello",
    description = "Try Attune on a ready-made job.",
    subcommands = HelloQaCommand.class,
    mixinStandardHelpOptions = true)
public final class HelloCommand implements Runnable {
  @Spec private CommandSpec spec;

  /// Made by the command line.
  @SuppressWarnings("NullAway.Init") // picocli sets the spec
  public HelloCommand() {}

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "which one? (expected: attune hello qa)");
  }
}
