package io.attune.indexer.durability;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.attune.document.Document;
import io.attune.document.DocumentArray;
import io.attune.document.NdArray;
import io.attune.indexer.IndexerFactory;
import io.attune.runtime.Executor;
import io.attune.runtime.ExecutorContext;
import io.attune.runtime.FlowException;
import io.attune.runtime.Parameters;
import io.attune.runtime.channel.Address;
import io.attune.runtime.channel.ChannelOptions;
import io.attune.runtime.channel.ExecutorChannel;
import io.attune.runtime.server.ExecutorServer;
import io.attune.runtime.server.ServerOptions;
import io.attune.runtime.testing.Requests;
import io.attune.runtime.testing.TestServer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// An indexer in a process of its own, behind its real server on a port.
///
/// It starts, loads what it will need and waits for [#open], so that this time passes while another
/// one is at work. It ends with the test's process.
final class IndexerProcess implements AutoCloseable {
  /// The process: reads a folder from its input, and prints `opening` and then `port N M`, with its
  /// port and that of its admin services (-1 for none), or `refused` with the reason.
  static final class Main {
    private static final PrintStream OUT = System.out;

    public static void main(String[] arguments) throws IOException {
      // what is read from the output is what is printed here and nothing else
      System.setOut(System.err);
      warm(Path.of(arguments[0]));
      Struct.Builder with = Struct.newBuilder();
      for (int i = 1; i < arguments.length; i += 2) {
        with.putFields(arguments[i], value(arguments[i + 1]));
      }
      BufferedReader input = new BufferedReader(new InputStreamReader(System.in, UTF_8));
      OUT.println("ready");
      Path workspace = Path.of(input.readLine());
      OUT.println("opening");
      ExecutorContext context =
          new ExecutorContext(
              "indexer", new Parameters(with.build()), workspace, new SimpleMeterRegistry());
      try {
        ExecutorServer server =
            ExecutorServer.start(
                    new IndexerFactory().create(context),
                    context,
                    ServerOptions.onPort(0).host("127.0.0.1"))
                .stopWithProcess();
        OUT.println("port " + server.port() + " " + server.adminPort());
      } catch (FlowException e) {
        OUT.println("refused " + e.code() + " " + e.getMessage());
      }
      while (input.read() >= 0) {
        // until the test lets go or dies
      }
      Runtime.getRuntime().halt(1);
    }

    private static Value value(String text) {
      return text.matches("\\d+")
          ? Value.newBuilder().setNumberValue(Double.parseDouble(text)).build()
          : Value.newBuilder().setStringValue(text).build();
    }

    /// Loads the classes by using them once.
    private static void warm(Path scratch) {
      ExecutorContext context =
          new ExecutorContext("indexer", Parameters.EMPTY, scratch, new SimpleMeterRegistry());
      Executor indexer = new IndexerFactory().create(context);
      try (TestServer server = TestServer.of(indexer, context)) {
        Document document = Document.create().embedding(NdArray.of(new float[] {1, 0}), "warm@1");
        var _ =
            server.single().processSingleData(Requests.of("/index", DocumentArray.of(document)));
      }
    }
  }

  private final Process process;
  private final BufferedReader output;
  private final BufferedWriter input;
  private int adminPort = -1;

  private IndexerProcess(Process process) {
    this.process = process;
    this.output = process.inputReader(UTF_8);
    this.input = process.outputWriter(UTF_8);
  }

  /// Starts a process; what it complains of goes to a file.
  ///
  /// @param scratch a folder for this process alone
  /// @param with names and values of the indexer's options, in turn
  static IndexerProcess start(Path scratch, Path complaints, String... with) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElseThrow());
    command.addAll(
        List.of("-Xmx256m", "-Xshare:auto", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp"));
    command.add(System.getProperty("java.class.path"));
    command.add(Main.class.getName());
    command.add(scratch.toString());
    command.addAll(List.of(with));
    return new IndexerProcess(
        new ProcessBuilder(command)
            .redirectError(ProcessBuilder.Redirect.appendTo(complaints.toFile()))
            .start());
  }

  /// Lets it open its index, and returns as soon as it has begun to.
  IndexerProcess open(Path workspace) throws IOException {
    expect("ready");
    input.write(workspace + "\n");
    input.flush();
    expect("opening");
    return this;
  }

  private void expect(String line) throws IOException {
    String found = line();
    if (!found.equals(line)) {
      throw new IOException("the process says " + found + " instead of " + line);
    }
  }

  /// The next line it prints: after [#open], `port N M` or `refused` with the reason.
  String line() throws IOException {
    String line = output.readLine();
    if (line == null) {
      throw new IOException("the process has ended");
    }
    return line;
  }

  /// The way to it, once it serves.
  ExecutorChannel channel() throws IOException {
    String line = line();
    if (!line.startsWith("port ")) {
      throw new IOException("the process says " + line);
    }
    String[] words = line.split(" ", 3);
    adminPort = Integer.parseInt(words[2]);
    Address address = Address.parse("127.0.0.1:" + words[1]);
    return ExecutorChannel.open("indexer", List.of(address), ChannelOptions.DEFAULT.retries(0));
  }

  /// The port of its admin services, once there is a channel to it.
  int adminPort() {
    return adminPort;
  }

  long pid() {
    return process.pid();
  }

  /// As `kill -9` does.
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /// As `kill` does: it answers what it accepted and closes.
  void stop() throws InterruptedException {
    process.destroy();
    process.waitFor();
  }

  @Override
  public void close() {
    process.destroyForcibly();
    try {
      input.close();
    } catch (IOException _) {
      // it is gone
    }
    try {
      output.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
