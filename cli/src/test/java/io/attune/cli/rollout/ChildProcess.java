package io.attune.cli.rollout;

import io.attune.cli.Main;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A command of `attune` in a process of its own, which can be killed, stopped for a while, and
/// started again. It ends with the test's process.
final class ChildProcess implements AutoCloseable {
  private final Path log;
  private final List<String> command = new ArrayList<>();
  private @Nullable Process process;

  /// @param log where it writes what it says, behind what is there
  /// @param arguments of `attune`
  ChildProcess(Path log, List<String> arguments) {
    this.log = log;
    command.add(ProcessHandle.current().info().command().orElseThrow());
    command.addAll(List.of("-XX:+UseSerialGC", "-Xshare:auto", "-XX:TieredStopAtLevel=1"));
    command.addAll(List.of("-Xmx160m", "-Xlog:disable", "--add-modules=jdk.incubator.vector"));
    command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-cp"));
    command.add(System.getProperty("java.class.path"));
    command.add(Main.class.getName());
    command.addAll(arguments);
  }

  void start() throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder.environment().put("ORT_DISABLE_TELEMETRY", "1");
    builder.environment().put("MALLOC_ARENA_MAX", "2");
    Process started = builder.start();
    process = started;
    Runtime.getRuntime().addShutdownHook(new Thread(started::destroyForcibly));
  }

  boolean isAlive() {
    Process running = process;
    return running != null && running.isAlive();
  }

  /// As `kill -9` does.
  void kill() {
    Process running = process;
    if (running != null) {
      var _ = running.destroyForcibly().onExit().join();
    }
  }

  /// As `kill -STOP` does: nothing of it runs, and its connections stay.
  void pause() throws IOException, InterruptedException {
    signal("-STOP");
  }

  /// As `kill -CONT` does.
  void resume() throws IOException, InterruptedException {
    signal("-CONT");
  }

  private void signal(String signal) throws IOException, InterruptedException {
    Process running = process;
    if (running != null && running.isAlive()) {
      Process sending =
          new ProcessBuilder("kill", signal, String.valueOf(running.pid())).inheritIO().start();
      if (!sending.waitFor(1, TimeUnit.MINUTES)) {
        throw new IOException("kill " + signal + " does not end");
      }
    }
  }

  @Override
  public void close() {
    kill();
  }
}
