package io.attune.cli.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.cli.Console;
import io.attune.cli.serve.ExecutorCommand.Served;
import io.attune.runtime.FlowException;
import io.attune.runtime.batching.SizeOrTimeout;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/// What `attune executor` serves of what a file and the command line say.
class ExecutorCommandTest {
  private static final String DEPLOYMENT =
      """
      jtype: Deployment
      with:
        name: ranker
        host: 127.0.0.2
        port: 5005
        monitoring: true
        port_monitoring: 5006
        workspace: state
        grpc_server_options: {grpc.max_receive_message_length: 1000}
        uses_requests: {/order: /rank}
        uses_with: {model: '${{ CONTEXT.model }}', size: 4}
        quiet: true
        uses:
          jtype: MyRanker
          with: {size: 3, depth: 2}
          dynamic_batching:
            /rank: {preferred_batch_size: 64, timeout: 20}
      """;

  @TempDir private Path folder;
  private final ByteArrayOutputStream notes = new ByteArrayOutputStream();

  private Served served(String... arguments) {
    PrintStream stream = new PrintStream(notes, true, StandardCharsets.UTF_8);
    ExecutorCommand command = new ExecutorCommand(new Console(stream, stream));
    new CommandLine(command).parseArgs(arguments);
    return command.served(new SimpleMeterRegistry());
  }

  private Path file(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  @Test
  void aDeploymentsFileSaysHowItIsServed() throws IOException {
    Served served = served("--uses=" + file("r.yml", DEPLOYMENT), "--context=model=small");
    assertThat(served.uses()).isEqualTo("MyRanker");
    assertThat(served.context().name()).isEqualTo("ranker");
    assertThat(served.context().workspace())
        .isEqualTo(Path.of("state", "ranker", "0").toAbsolutePath());
    assertThat(served.context().with().struct().getFieldsMap())
        .containsOnlyKeys("model", "size", "depth")
        .hasEntrySatisfying("model", v -> assertThat(v.getStringValue()).isEqualTo("small"))
        .hasEntrySatisfying("size", v -> assertThat(v.getNumberValue()).isEqualTo(4));
    assertThat(served.options().host()).isEqualTo("127.0.0.2");
    assertThat(served.options().port()).isEqualTo(5005);
    assertThat(served.options().mostMessageBytes()).isEqualTo(1000);
    assertThat(served.options().usesRequests()).isEqualTo(Map.of("/order", "/rank"));
    assertThat(served.options().batching())
        .isEqualTo(Map.of("/rank", new SizeOrTimeout(64, Duration.ofMillis(20), false)));
    assertThat(served.monitoringPort()).isEqualTo(5006);
    assertThat(notes.toString(StandardCharsets.UTF_8))
        .contains("warning: ", "with.quiet: no effect");
  }

  @Test
  void theCommandLineGoesOverTheFile() throws IOException {
    Served served =
        served(
            "--uses=" + file("r.yaml", DEPLOYMENT.replace("${{ CONTEXT.model }}", "small")),
            "--name=mine",
            "--host=127.0.0.3",
            "--port=0",
            "--port-monitoring=7",
            "--with=size=5",
            "--workspace=" + folder);
    assertThat(served.context().name()).isEqualTo("mine");
    assertThat(served.context().workspace()).isEqualTo(folder.toAbsolutePath());
    assertThat(served.context().with().struct().getFieldsOrThrow("size").getNumberValue())
        .isEqualTo(5);
    assertThat(served.options().host()).isEqualTo("127.0.0.3");
    assertThat(served.options().port()).isZero();
    assertThat(served.monitoringPort()).isEqualTo(7);
  }

  @Test
  void anExecutorsOwnFileAndANameHaveTheDefaults() throws IOException {
    Path own =
        file("own.yml", "jtype: Encoder\nrequests: {/a: /encode}\nmetas: {workspace: state}\n");
    Served described = served("--uses=" + own);
    assertThat(described.context().name()).isEqualTo("encoder");
    assertThat(described.options().usesRequests()).isEqualTo(Map.of("/a", "/encode"));
    Served named = served("--uses=Encoder");
    assertThat(named.uses()).isEqualTo("Encoder");
    assertThat(named.context().workspace())
        .isEqualTo(Path.of("workspace", "encoder").toAbsolutePath());
    for (Served each : new Served[] {described, named}) {
      assertThat(each.options().host()).isEqualTo("0.0.0.0");
      assertThat(each.options().port()).isEqualTo(8080);
      assertThat(each.monitoringPort()).isNull();
    }
  }

  @Test
  void anExecutorThatRunsElsewhereIsNotServed() throws IOException {
    Path file = file("x.yml", "jtype: Deployment\nwith: {external: true, port: 1}\n");
    assertThatThrownBy(() -> served("--uses=" + file))
        .isInstanceOf(FlowException.class)
        .hasMessage(file + ": external: true (expected: an executor that is served here)");
  }
}
