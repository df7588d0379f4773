package io.attune.cli;

import io.attune.cli.bench.BenchCommand;
import io.attune.cli.data.DataCommand;
import io.attune.cli.encode.EncodeCommand;
import io.attune.cli.hello.HelloCommand;
import io.attune.cli.models.ModelsCommand;
import io.attune.cli.post.ClientCommand;
import io.attune.cli.post.EvaluateCommand;
import io.attune.cli.post.FeedbackCommand;
import io.attune.cli.post.IndexCommand;
import io.attune.cli.post.SearchCommand;
import io.attune.cli.rollout.RollbackCommand;
import io.attune.cli.rollout.RolloutsCommand;
import io.attune.cli.rollout.SwapCommand;
import io.attune.cli.serve.ExecutorCommand;
import io.attune.cli.serve.FlowCommand;
import io.attune.cli.serve.GatewayCommand;
import io.attune.cli.serve.RehearseCommand;
import io.attune.cli.train.FitCommand;
import io.attune.cli.train.RunsCommand;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// The command `attune`, which holds all others.
@Command(
    name = "attune",
    description = "A Jina-compatible neural-search Flow on the JVM that learns.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    subcommands = {
      HelloCommand.class,
      FlowCommand.class,
      GatewayCommand.class,
      ExecutorCommand.class,
      ClientCommand.class,
      IndexCommand.class,
      SearchCommand.class,
      EvaluateCommand.class,
      FeedbackCommand.class,
      EncodeCommand.class,
      ModelsCommand.class,
      DataCommand.class,
      FitCommand.class,
      RunsCommand.class,
      SwapCommand.class,
      RollbackCommand.class,
      RolloutsCommand.class,
      BenchCommand.class,
      PingCommand.class,
      RehearseCommand.class,
      HelpCommand.class,
    })
final class AttuneCommand implements Runnable {
  private final Console console;

  @Option(names = "--debug", description = "Print a stack trace with an error.")
  private boolean debug;

  @Spec private CommandSpec spec;

  @SuppressWarnings("NullAway.Init") // picocli sets the spec
  AttuneCommand(Console console) {
    this.console = console;
  }

  boolean debug() {
    return debug;
  }

  @Override
  public void run() {
    spec.commandLine().usage(console.out());
  }
}
