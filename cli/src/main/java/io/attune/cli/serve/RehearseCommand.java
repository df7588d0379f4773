package io.attune.cli.serve;

import com.google.protobuf.Struct;
import io.attune.cli.Closing;
import io.attune.cli.Console;
import io.attune.cli.ExitCode;
import io.attune.cli.client.FlowClient;
import io.attune.document.Document;
import io.attune.document.DocumentArray;
import io.attune.document.NdArray;
import io.attune.flows.FlowPlan;
import io.attune.flows.Flows;
import io.attune.gateway.embedded.EmbeddedFlow;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/// `attune rehearse`: a small Flow indexes, answers and stops, so that the JVM meets the classes
/// that every Flow needs. The launcher runs it after a build to write the archive of classes from
/// which later starts take them, already parsed and verified.
@Command(
    name = "rehearse",
    hidden = true,
    description = "Load what a Flow needs, for the launcher's archive of classes.")
public final class RehearseCommand implements Callable<Integer> {
  private static final String FLOW =
      """
      jtype: Flow
      with: {protocol: [GRPC, HTTP], port: [0, 0], host: 127.0.0.1}
      executors:
        - {name: indexer, uses: Indexer, uses_with: {space: external}}
        - {name: evaluator, uses: Evaluator}
      """;

  private final Console console;

  public RehearseCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    try (Closing closing = new Closing(console)) {
      Workspace folder = closing.with(Workspace.of(null));
      FlowPlan plan =
          Flows.with(Map.of()).text("rehearsal", FLOW, folder.path()).withWorkspace(folder.path());
      EmbeddedFlow flow = closing.with(EmbeddedFlow.start(plan));
      FlowClient client = closing.with(FlowClient.connect("127.0.0.1:" + flow.grpcPort()));
      Document document = Document.create().embedding(NdArray.of(new float[] {0.6f, 0.8f}, 2));
      client.post("/index", DocumentArray.of(document), Struct.getDefaultInstance());
      client.post("/search", DocumentArray.of(document), Struct.getDefaultInstance());
    }
    return ExitCode.OK;
  }
}
