package io.attune.indexer.durability;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.attune.indexer.IndexerFactory;
import io.attune.runtime.ExecutorContext;
import io.attune.runtime.Parameters;
import io.attune.runtime.channel.ExecutorChannel;
import io.attune.runtime.testing.TestServer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;

/// An indexer of a folder behind the real server, in this process. It commits when it is closed.
final class OpenIndexer implements AutoCloseable {
  private static final double NEVER_MILLIS = 3_600_000;

  private final TestServer server;
  private final ExecutorChannel channel;

  private OpenIndexer(TestServer server) {
    this.server = server;
    this.channel = ExecutorChannel.open(server.address());
  }

  /// Opens an index.
  ///
  /// @param with names and numbers of options, in turn
  static OpenIndexer of(Path workspace, Object... with) {
    Struct.Builder options =
        Struct.newBuilder().putFields("commit_interval_ms", number(NEVER_MILLIS));
    for (int i = 0; i < with.length; i += 2) {
      options.putFields((String) with[i], number(((Number) with[i + 1]).doubleValue()));
    }
    ExecutorContext context =
        new ExecutorContext(
            "indexer", new Parameters(options.build()), workspace, new SimpleMeterRegistry());
    return new OpenIndexer(TestServer.of(new IndexerFactory().create(context), context));
  }

  private static Value number(double number) {
    return Value.newBuilder().setNumberValue(number).build();
  }

  Client client() {
    return new Client(channel);
  }

  @Override
  public void close() {
    channel.close();
    server.close();
  }
}
