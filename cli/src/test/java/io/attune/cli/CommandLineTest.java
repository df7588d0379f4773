package io.attune.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What needs no Flow: help, wrong usage, exit codes.
class CommandLineTest {
  @TempDir private Path folder;

  @Test
  void withoutACommandItShowsItsCommands() {
    Run run = Run.of();
    assertThat(run.code()).isEqualTo(ExitCode.OK);
    assertThat(run.out())
        .contains(
            "hello",
            "flow",
            "gateway",
            "executor",
            "client",
            "index",
            "search",
            "evaluate",
            "models",
            "runs",
            "bench",
            "ping",
            "help");
    assertThat(run.err()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "hello",
        "hello qa",
        "flow",
        "gateway",
        "executor",
        "client",
        "index",
        "search",
        "evaluate",
        "models",
        "models list",
        "models show",
        "models import",
        "models export",
        "models verify",
        "runs",
        "runs list",
        "runs status",
        "runs logs",
        "runs metrics",
        "runs cancel",
        "runs delete",
        "runs save",
        "bench",
        "ping"
      })
  void everyCommandHasHelp(String command) {
    Run run = Run.of((command + " --help").split(" "));
    assertThat(run.code()).isEqualTo(ExitCode.OK);
    assertThat(run.out()).contains("Usage: attune " + command);
  }

  @Test
  void whatIsQuotedInAnErrorCannotReachTheTerminalAsACommand() {
    Run run = Run.of("index", "no\u001b[2J\u009b2J\u202ename.jsonl");
    assertThat(run.err()).contains("no such file: no·[2J·2J·name.jsonl");
  }

  @Test
  void aHeapThatIsFullIsAnErrorOfOneLineAndAHint() {
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    PrintStream full =
        new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8) {
          @Override
          public void println(String line) {
            throw new OutOfMemoryError("Java heap space");
          }
        };
    int code =
        new CommandLineRunner(full, new PrintStream(err, true, StandardCharsets.UTF_8))
            .run("bench");
    assertThat(code).isEqualTo(ExitCode.FAILURE);
    assertThat(err.toString(StandardCharsets.UTF_8))
        .isEqualTo(
            """
            attune: java.lang.OutOfMemoryError: Java heap space
              hint: give it more memory: ATTUNE_JAVA_OPTS=-Xmx4g
            """);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          serch|command: serch (expected: one that attune help lists)
          models lst|command: lst (expected: one that attune help models lists)
          serch|Did you mean
          ping flow|HOST:PORT
          ping flow nowhere:1 --attempts 0|--attempts: 0 (expected: 1..1000000)
          ping flow no-port|no-port
          search|TEXT: none (expected: a text to search for, or --file)
          search x --limit 0|--limit: 0 (expected: 1..10000)
          search x --limit ten|--limit
          search x --filter [1]|--filter
          search x --request-size 0|--request-size: 0 (expected: 1..10000)
          client status|ENDPOINT: status (expected: /index, /status
          index -|--format: none for standard input
          index nothing.jsonl|no such file: nothing.jsonl
          index notes.txt|notes.txt
          evaluate nothing.jsonl|no such file: nothing.jsonl
          evaluate nothing.jsonl --metrics mrr|--metrics: \"mrr\" (expected: standard, docarray or of
          evaluate q.jsonl --json nowhere/x.json|--json: nowhere/x.json (expected: a file in an existing folder)
          hello qa --json nowhere/x.json|--json: nowhere/x.json (expected: a file in an existing folder)
          hello qa --limit 0|--limit: 0 (expected: 1..1000)
          hello qa --data nothing.csv --exit|no such file: nothing.csv
          flow nothing.yml|nothing.yml
          gateway search|executor encoder: no address (expected: --address encoder=HOST:PORT)
          gateway search --address coder=localhost:1|--address: coder (expected: an executor of the Flow
          executor --uses Encodr|Encodr
          runs|which command? (expected: one of [list, status
          runs cancel x --grace -1|--grace: -1 (expected: 0..86400)
          runs status ../x|experiment: ".." (expected: letters
          bench encod|benchmark: encod (expected: one of encode
          """)
  void wrongUsageEndsWithTwoAndSaysWhatWasExpected(String command, String message) {
    Run run = Run.of(command.split(" "));
    assertThat(run.err()).contains(message).doesNotContain("\tat io.attune");
    assertThat(run.code()).as(run.err()).isEqualTo(ExitCode.USAGE);
    assertThat(run.out()).isEmpty();
  }

  @Test
  void aFlowThatIsNotThereEndsWithThreeAndAHint() {
    Run run = Run.of("search", "x", "--flow", "localhost:1");
    assertThat(run.code()).isEqualTo(ExitCode.UNAVAILABLE);
    assertThat(run.err())
        .contains("localhost:1 is not reachable: Connection refused", "hint: is the Flow running?");
    assertThat(Run.of("ping", "flow", "localhost:1").code()).isEqualTo(ExitCode.UNAVAILABLE);
  }

  @Test
  void debugShowsAStackTrace() {
    assertThat(Run.of("--debug", "search", "x", "--flow", "localhost:1").err())
        .contains("\tat io.attune");
  }

  @Test
  void aDamagedFileIsRefusedWithItsLine() throws IOException {
    Path notJson = Files.writeString(folder.resolve("notes.jsonl"), "{\"id\": \n");
    Run run = Run.of("index", notJson.toString(), "--flow", "localhost:1");
    assertThat(run.code()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("notes.jsonl:1");
  }

  @Test
  void benchListsItsBenchmarks() {
    Run run = Run.of("bench");
    assertThat(run.code()).isEqualTo(ExitCode.OK);
    assertThat(run.out()).contains("encode");
  }
}
