package io.attune.cli.train;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `attune runs`: the runs of training on this machine.
@Command(
    name = "runs",
    description = "List, watch, cancel, resume, delete and save the runs of training.",
    subcommands = {
      RunsListCommand.class,
      RunsStatusCommand.class,
      RunsLogsCommand.class,
      RunsMetricsCommand.class,
      RunsCancelCommand.class,
      RunsResumeCommand.class,
      RunsDeleteCommand.class,
      RunsSaveCommand.class,
    },
    mixinStandardHelpOptions = true)
public final class RunsCommand implements Runnable {
  @Spec private CommandSpec spec;

  /// Made by the command line.
  @SuppressWarnings("NullAway.Init") // picocli sets the spec
  public RunsCommand() {}

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(),
        "which command? (expected: one of " + spec.subcommands().keySet() + ")");
  }
}
