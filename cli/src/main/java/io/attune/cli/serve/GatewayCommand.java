package io.attune.cli.serve;

import io.attune.cli.Closing;
import io.attune.cli.Console;
import io.attune.cli.ExitCode;
import io.attune.flows.Address;
import io.attune.flows.ExecutorPlan;
import io.attune.flows.ExecutorPlan.External;
import io.attune.flows.FlowPlan;
import io.attune.gateway.embedded.EmbeddedFlow;
import io.attune.runtime.FlowException;
import io.attune.runtime.channel.Address.Scheme;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `attune gateway`: runs a Flow's gateway alone; the executors run elsewhere.
@Command(
    name = "gateway",
    description =
        "Run the gateway of a Flow alone, in the foreground. The executors run elsewhere: each one"
            + " needs an --address or is external in the YAML.",
    mixinStandardHelpOptions = true)
public final class GatewayCommand implements Callable<Integer> {
  private final Console console;

  @Mixin private PlanOptions options = new PlanOptions();

  @Option(
      names = "--address",
      paramLabel = "EXECUTOR=HOST:PORT",
      description = "Where an executor of the Flow runs; once for each executor.")
  private Map<String, String> addresses = new LinkedHashMap<>();

  public GatewayCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws InterruptedException {
    FlowPlan plan = withAddresses(options.plan(console, null), addresses);
    console.note("starting the gateway of Flow " + plan.name() + "; it waits for its executors");
    try (Closing closing = new Closing(console)) {
      EmbeddedFlow flow = closing.with("gateway", EmbeddedFlow.start(plan));
      Addresses.print(console, plan, flow);
      closing.untilProcessStops();
    }
    return ExitCode.OK;
  }

  private static Address addressOf(String text) {
    var parsed = io.attune.runtime.channel.Address.parse(text);
    if (parsed.scheme() == Scheme.INPROCESS) {
      throw FlowException.invalid("--address: " + text + " (expected: host:port)");
    }
    return new Address(parsed.host(), parsed.port(), parsed.scheme() == Scheme.GRPCS);
  }

  /// The plan with every executor running elsewhere.
  ///
  /// @throws FlowException where an executor has no address, or an address no executor
  static FlowPlan withAddresses(FlowPlan plan, Map<String, String> addresses) {
    List<String> names = plan.executors().stream().map(ExecutorPlan::name).toList();
    for (String name : addresses.keySet()) {
      if (!names.contains(name)) {
        throw FlowException.invalid(
            "--address: %s (expected: an executor of the Flow: %s)".formatted(name, names));
      }
    }
    FlowPlan result = plan;
    for (ExecutorPlan executor : plan.executors()) {
      String address = addresses.get(executor.name());
      if (address != null) {
        External external = new External(List.of(addressOf(address)), Map.of());
        result = result.withExecutor(executor.withExternal(external));
      } else if (executor.external() == null && !executor.passThrough()) {
        throw FlowException.invalid(
            "executor %s: no address (expected: --address %s=HOST:PORT)"
                .formatted(executor.name(), executor.name()));
      }
    }
    return result;
  }
}
