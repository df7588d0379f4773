package io.attune.benchmarks.start;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.benchmarks.BenchOptions;
import io.attune.benchmarks.BenchResult;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// With a script in the launcher's place: the launcher itself takes a checkout that is built.
class StartBenchmarkTest {
  @TempDir private Path home;

  private BenchOptions launcher(String script) throws IOException {
    Path launcher = Files.writeString(home.resolve("attune"), "#!/bin/sh\n" + script);
    Files.setPosixFilePermissions(launcher, PosixFilePermissions.fromString("rwxr-xr-x"));
    return BenchOptions.of(home).withRounds(2);
  }

  @Test
  void takesTheTimeUntilTheVersionAndUntilAnAnswerAndEndsBoth() throws Exception {
    BenchOptions options =
        launcher(
            """
            echo "$@" >>"$(dirname "$0")/calls"
            if [ "$1" = --version ]; then echo "attune 0.1.0"; exit; fi
            echo "starting the Flow" >&2
            echo "warming up: 5 of 50 questions" >&2
            exec cat
            """);
    List<String> lines = new ArrayList<>();
    List<BenchResult> results = new StartBenchmark(home.toString()).run(options, lines::add);

    assertThat(results)
        .extracting(BenchResult::measure)
        .containsExactly("start_version_seconds", "start_answer_seconds");
    assertThat(results).extracting(BenchResult::rival).containsExactly(1.0, 15.0);
    assertThat(results).allMatch(result -> result.ours() > 0);
    assertThat(lines).hasSize(2);
    assertThat(Files.readAllLines(home.resolve("calls")))
        .containsExactly(
            "--version",
            "--version",
            "hello qa --no-tune --exit",
            "--version",
            "hello qa --no-tune --exit");
    assertThat(ProcessHandle.current().descendants().filter(ProcessHandle::isAlive)).isEmpty();
  }

  @Test
  void saysThatTheLauncherFailed() throws IOException {
    BenchOptions options = launcher("exit 70\n");
    assertThatThrownBy(() -> new StartBenchmark(home.toString()).run(options, _ -> {}))
        .isInstanceOf(FlowException.class)
        .hasMessageEndingWith(
            "attune --version: exit 70 (expected: a line that begins with \"attune \")");
  }

  @Test
  void needsACheckout() {
    assertThatThrownBy(() -> new StartBenchmark("").run(BenchOptions.of(home), _ -> {}))
        .hasMessage("attune.home: not set (expected: a start by ./attune)");
  }
}
