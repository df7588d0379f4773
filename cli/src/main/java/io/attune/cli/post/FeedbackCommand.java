package io.attune.cli.post;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `attune feedback`: what people judged, in a running Flow.
@Command(
    name = "feedback",
    description = "Count, export and take back what people judged in a running Flow.",
    subcommands = {
      FeedbackStatusCommand.class,
      FeedbackExportCommand.class,
      FeedbackUndoCommand.class,
    },
    mixinStandardHelpOptions = true)
public final class FeedbackCommand implements Runnable {
  @Spec private CommandSpec spec;

  /// Made by the command line.
  @SuppressWarnings("NullAway.Init") // picocli sets the spec
  public FeedbackCommand() {}

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(),
        "which command? (expected: one of " + spec.subcommands().keySet() + ")");
  }
}
