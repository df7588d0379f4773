package io.attune.benchmarks.gateway;

import io.attune.benchmarks.BenchOptions;
import io.attune.benchmarks.BenchResult;
import io.attune.benchmarks.Benchmark;
import io.attune.benchmarks.ChildJvm;
import io.attune.benchmarks.Requests;
import io.attune.benchmarks.Rounds;
import io.attune.document.Document;
import io.attune.proto.jina.DataRequestProto;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.grpc.Channel;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/// What the gateway costs: an echo executor called through the gateway, against the same executor
/// called directly. Caller, gateway and executor are a JVM each; the messages are Jina's, over unary
/// `process_single_data`, the executor's answer has 1,600 bytes, routes are written and metrics
/// counted.
///
/// Two measures: the median latency of one call at a time, and calls per second with 32 in flight.
/// Direct calls come before and after each round through the gateway, so that drift of the machine
/// shows in their figures; the result is the ratio of the medians. Run it with
///
///     ./attune bench gateway --json gateway.json
///
/// or, from the classes, with the number of rounds:
///
///     java -cp … io.attune.benchmarks.gateway.GatewayBenchmark 5
public final class GatewayBenchmark implements Benchmark {
  /// The name of the measure of latency.
  public static final String LATENCY = "gateway_p50_microseconds";

  /// The name of the measure of throughput.
  public static final String THROUGHPUT = "gateway_requests_per_second";

  private static final String RIVAL = "the same executor, called directly";
  private static final String HEAP = "512m";
  private static final int ANSWER_BYTES = 1600;
  private static final int IN_FLIGHT = 32;
  private static final double LATENCY_GOAL = 1.8;
  private static final double THROUGHPUT_GOAL = 0.5;

  @Override
  public String name() {
    return "gateway";
  }

  @Override
  public String description() {
    return "an echo executor through the gateway, against the same called directly";
  }

  @Override
  public List<BenchResult> run(BenchOptions options, Consumer<String> progress)
      throws IOException, InterruptedException {
    int calls = options.quick() ? 200 : 5_000;
    try (ChildJvm executor = ChildJvm.start(EchoServer.class, HEAP, "executor");
        ChildJvm gateway =
            ChildJvm.start(EchoServer.class, HEAP, "gateway", String.valueOf(executor.port()))) {
      ManagedChannel direct = channel(executor);
      ManagedChannel through = channel(gateway);
      try {
        DataRequestProto request = request(direct);
        warmUp(List.of(direct, through), request, options.quick() ? 200 : 40_000);
        Rounds latency =
            Rounds.alternate(
                options.rounds(),
                () -> UnaryLoad.medianMicros(through, request, calls),
                () -> UnaryLoad.medianMicros(direct, request, calls),
                line -> progress.accept("latency, " + line));
        Rounds throughput =
            Rounds.alternate(
                options.rounds(),
                () -> UnaryLoad.perSecond(through, request, 4 * calls, IN_FLIGHT),
                () -> UnaryLoad.perSecond(direct, request, 4 * calls, IN_FLIGHT),
                line -> progress.accept("throughput, " + line));
        return List.of(
            latency.toResult(LATENCY, RIVAL, BenchResult.Better.LOWER, LATENCY_GOAL),
            throughput.toResult(THROUGHPUT, RIVAL, BenchResult.Better.HIGHER, THROUGHPUT_GOAL));
      } finally {
        direct.shutdownNow();
        through.shutdownNow();
      }
    }
  }

  private static ManagedChannel channel(ChildJvm server) {
    return Grpc.newChannelBuilderForAddress(
            "127.0.0.1", server.port(), InsecureChannelCredentials.create())
        .build();
  }

  private static void warmUp(List<ManagedChannel> channels, DataRequestProto request, int calls)
      throws InterruptedException {
    for (ManagedChannel channel : channels) {
      UnaryLoad.perSecond(channel, request, calls, IN_FLIGHT);
      UnaryLoad.medianMicros(channel, request, calls / 10);
    }
  }

  /// A request whose answer from the executor has exactly the size that is measured.
  private static DataRequestProto request(Channel direct) {
    int text = ANSWER_BYTES - 200;
    DataRequestProto request = request(text);
    for (int attempt = 0; attempt < 4; attempt++) {
      int size = UnaryLoad.call(direct, request).getSerializedSize();
      if (size == ANSWER_BYTES) {
        return request;
      }
      text += ANSWER_BYTES - size;
      request = request(text);
    }
    throw new FlowException(ErrorCode.INTERNAL, "answer: of no steady size (expected: 1600 bytes)");
  }

  private static DataRequestProto request(int textLength) {
    return Requests.of("/echo", List.of(Document.ofText("a".repeat(textLength))));
  }

  /// Runs it with the rounds given, 5 by default, and prints the results.
  @SuppressWarnings("SystemOut") // a program
  public static void main(String[] arguments) throws IOException, InterruptedException {
    BenchOptions options = BenchOptions.of(Path.of("."));
    if (arguments.length > 0) {
      options = options.withRounds(Integer.parseInt(arguments[0]));
    }
    new GatewayBenchmark().run(options, System.out::println).forEach(System.out::println);
  }
}
