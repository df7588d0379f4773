package io.attune.cli.serve;

import io.attune.cli.Closing;
import io.attune.cli.Console;
import io.attune.cli.ExitCode;
import io.attune.flows.FlowPlan;
import io.attune.gateway.embedded.EmbeddedFlow;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `attune flow`: runs a Flow in this process, in the foreground.
@Command(
    name = "flow",
    description = "Run a Flow: its gateway and all its executors, in this process, until Ctrl-C.",
    mixinStandardHelpOptions = true)
public final class FlowCommand implements Callable<Integer> {
  private final Console console;

  @Mixin private PlanOptions options = new PlanOptions();

  @Option(
      names = "--workspace",
      paramLabel = "DIR",
      description = "Where executors keep their state; each gets a folder of its name in it.")
  private @Nullable Path workspace;

  public FlowCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws InterruptedException {
    FlowPlan plan = options.plan(console, workspace);
    console.note("starting Flow " + plan.name());
    try (Closing closing = new Closing(console)) {
      EmbeddedFlow flow = closing.with("Flow " + plan.name(), EmbeddedFlow.start(plan));
      Addresses.print(console, plan, flow);
      closing.untilProcessStops();
    }
    return ExitCode.OK;
  }
}
