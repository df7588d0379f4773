package io.attune.runtime.testing;

import io.attune.proto.jina.JinaDataRequestRPCGrpc;
import io.attune.proto.jina.JinaDiscoverEndpointsRPCGrpc;
import io.attune.proto.jina.JinaRPCGrpc;
import io.attune.proto.jina.JinaSingleDataRequestRPCGrpc;
import io.attune.proto.jina.JinaSingleDataRequestRPCGrpc.JinaSingleDataRequestRPCBlockingStub;
import io.attune.runtime.Executor;
import io.attune.runtime.ExecutorContext;
import io.attune.runtime.Parameters;
import io.attune.runtime.server.ExecutorServer;
import io.attune.runtime.server.ServerOptions;
import io.grpc.ManagedChannel;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/// An executor behind the real server, in process, with a channel to it. Close it after the test.
public final class TestServer implements AutoCloseable {
  private final ExecutorServer server;
  private final ManagedChannel channel;
  private final String address;

  private TestServer(ExecutorServer server, ManagedChannel channel, String address) {
    this.server = server;
    this.channel = channel;
    this.address = address;
  }

  /// Serves an executor under the name `executor0`.
  public static TestServer of(Executor executor) {
    return of(executor, context("executor0"));
  }

  /// Serves an executor in a context.
  public static TestServer of(Executor executor, ExecutorContext context) {
    return of(executor, context, UnaryOperator.identity());
  }

  /// Serves an executor with options other than the default.
  public static TestServer of(
      Executor executor, ExecutorContext context, UnaryOperator<ServerOptions> changed) {
    String name = "test-" + UUID.randomUUID();
    ServerOptions options =
        ServerOptions.inProcess(name).grace(Duration.ofSeconds(5)).streamPause(Duration.ZERO);
    ExecutorServer server = ExecutorServer.start(executor, context, changed.apply(options));
    return new TestServer(
        server, InProcessChannelBuilder.forName(name).build(), "inprocess://" + name);
  }

  /// A context without options, with metrics that go nowhere.
  public static ExecutorContext context(String name) {
    return new ExecutorContext(
        name, Parameters.EMPTY, Path.of("no-workspace"), new SimpleMeterRegistry());
  }

  /// The server.
  public ExecutorServer server() {
    return server;
  }

  /// The channel to it.
  public ManagedChannel channel() {
    return channel;
  }

  /// The address for callers in this JVM, `inprocess://…`.
  public String address() {
    return address;
  }

  /// `process_single_data`.
  public JinaSingleDataRequestRPCBlockingStub single() {
    return JinaSingleDataRequestRPCGrpc.newBlockingStub(channel);
  }

  /// `process_data`.
  public JinaDataRequestRPCGrpc.JinaDataRequestRPCBlockingStub joined() {
    return JinaDataRequestRPCGrpc.newBlockingStub(channel);
  }

  /// `Call`.
  public JinaRPCGrpc.JinaRPCStub stream() {
    return JinaRPCGrpc.newStub(channel);
  }

  /// `endpoint_discovery`.
  public JinaDiscoverEndpointsRPCGrpc.JinaDiscoverEndpointsRPCBlockingStub discovery() {
    return JinaDiscoverEndpointsRPCGrpc.newBlockingStub(channel);
  }

  @Override
  public void close() {
    channel.shutdown();
    server.close();
    channel.shutdownNow();
    try {
      channel.awaitTermination(5, TimeUnit.SECONDS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
