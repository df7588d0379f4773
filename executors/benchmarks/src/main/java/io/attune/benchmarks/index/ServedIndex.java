package io.attune.benchmarks.index;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.attune.benchmarks.ChildJvm;
import io.attune.indexer.IndexerFactory;
import io.attune.runtime.ExecutorContext;
import io.attune.runtime.Parameters;
import io.attune.runtime.channel.Address;
import io.attune.runtime.channel.ChannelOptions;
import io.attune.runtime.channel.ExecutorChannel;
import io.attune.runtime.server.ExecutorServer;
import io.attune.runtime.server.ServerOptions;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;

/// An indexer behind its port, in a JVM of its own with the options of `./attune`.
final class ServedIndex implements AutoCloseable {
  private final ChildJvm child;
  private final ExecutorChannel channel;

  private ServedIndex(ChildJvm child, ExecutorChannel channel) {
    this.child = child;
    this.channel = channel;
  }

  /// The program of that JVM: serves the index of a folder until its input ends.
  static final class Main {
    @SuppressWarnings("SystemOut") // what the parent reads
    public static void main(String[] arguments) throws IOException {
      PrintStream output = System.out;
      System.setOut(System.err);
      Struct with =
          Struct.newBuilder()
              .putFields("space", Value.newBuilder().setStringValue("external").build())
              .build();
      ExecutorContext context =
          new ExecutorContext(
              "indexer", new Parameters(with), Path.of(arguments[0]), new SimpleMeterRegistry());
      try (ExecutorServer server =
          ExecutorServer.start(
              new IndexerFactory().create(context),
              context,
              ServerOptions.onPort(0).host("127.0.0.1"))) {
        ChildJvm.serve(output, server.port());
      }
    }
  }

  /// Starts to serve the index of a folder, and returns when it does.
  static ServedIndex start(Path folder) throws IOException {
    ChildJvm child = ChildJvm.start(Main.class, "1g", folder.toString());
    Address address = Address.parse("127.0.0.1:" + child.port());
    return new ServedIndex(
        child, ExecutorChannel.open("indexer", List.of(address), ChannelOptions.DEFAULT));
  }

  /// The way to it.
  ExecutorChannel channel() {
    return channel;
  }

  /// Ends it as `kill -9` does.
  @Override
  public void close() {
    channel.close();
    child.close();
  }
}
