package io.attune.benchmarks.encode;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.attune.benchmarks.BenchOptions;
import io.attune.benchmarks.BenchResult;
import io.attune.benchmarks.Benchmark;
import io.attune.benchmarks.Rounds;
import io.attune.benchmarks.SyntheticTexts;
import io.attune.encoder.Encoder;
import io.attune.models.DefaultModel;
import io.attune.models.ModelStore;
import io.attune.models.StoredModel;
import io.attune.models.TextTokenizer;
import io.attune.models.Tokens;
import io.attune.runtime.ExecutorContext;
import io.attune.runtime.Parameters;
import io.attune.runtime.server.ExecutorServer;
import io.attune.runtime.server.ServerOptions;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;

/// Encoding throughput: 1,024 texts of mixed length through the whole gRPC executor, tokenising
/// included, over 64 streams with one text in flight each, against [FirstComeLoop] in the same JVM.
///
/// The rival runs before and after each of our rounds, so that drift of the machine shows in its
/// figures; the result is the ratio of the medians. Run it with
///
///     ./attune bench encode --json encode.json
///
/// or, from the classes, with the number of rounds:
///
///     java --enable-native-access=ALL-UNNAMED -cp … io.attune.benchmarks.encode.EncodeBenchmark 5
public final class EncodeBenchmark implements Benchmark {
  /// The measure's name.
  public static final String MEASURE = "encode_documents_per_second";

  private static final double GOAL = 2.2;
  private static final int TEXTS = 1024;
  private static final int QUICK_TEXTS = 16;
  private static final int STREAMS = 64;
  private static final int WARM_UP = 256;
  private static final int WARM_UP_WORDS = 8192;
  private static final long SEED = 20260719;

  @Override
  public String name() {
    return "encode";
  }

  @Override
  public String description() {
    return "texts of mixed length through the encoder's port, against first-come padded batches";
  }

  @Override
  public List<BenchResult> run(BenchOptions options, Consumer<String> progress)
      throws IOException, InterruptedException {
    StoredModel model = DefaultModel.in(ModelStore.at(options.store()));
    List<String> texts = SyntheticTexts.of(options.quick() ? QUICK_TEXTS : TEXTS, SEED);
    List<Tokens> tokens;
    try (TextTokenizer tokenizer = TextTokenizer.open(model)) {
      tokens = tokenizer.encode(texts);
    }
    progress.accept(
        "%d texts, %.1f tokens in the mean"
            .formatted(texts.size(), tokens.stream().mapToInt(Tokens::length).average().orElse(0)));
    try (FirstComeLoop rival = new FirstComeLoop(model);
        ExecutorServer server = serve(options.store())) {
      ManagedChannel channel =
          Grpc.newChannelBuilderForAddress(
                  "127.0.0.1", server.port(), InsecureChannelCredentials.create())
              .build();
      try {
        warmUp(rival, channel, texts, tokens, options.quick());
        return List.of(
            Rounds.alternate(
                    options.rounds(),
                    () -> StreamLoad.run(channel, "/index", texts, STREAMS),
                    () -> rival.run(tokens),
                    progress)
                .toResult(MEASURE, FirstComeLoop.NAME, BenchResult.Better.HIGHER, GOAL));
      } finally {
        channel.shutdownNow();
      }
    }
  }

  /// Loads what runs lazily. Our JVM has to compile its code, which would otherwise go on while it
  /// is measured; single words take it through all of that at little cost.
  private static void warmUp(
      FirstComeLoop rival,
      ManagedChannel channel,
      List<String> texts,
      List<Tokens> tokens,
      boolean quick) {
    int some = Math.min(texts.size(), WARM_UP);
    rival.run(tokens.subList(0, some));
    StreamLoad.run(channel, "/index", texts.subList(0, some), STREAMS);
    if (!quick) {
      StreamLoad.run(channel, "/index", Collections.nCopies(WARM_UP_WORDS, "word"), STREAMS);
    }
  }

  private static ExecutorServer serve(Path store) throws IOException {
    Parameters options =
        new Parameters(
            Struct.newBuilder()
                .putFields("store", Value.newBuilder().setStringValue(store.toString()).build())
                .build());
    ExecutorContext context =
        new ExecutorContext("encoder", options, store, new SimpleMeterRegistry());
    return ExecutorServer.start(
        Encoder.open(context), context, ServerOptions.onPort(0).host("127.0.0.1"));
  }

  /// Runs it with the rounds given, 5 by default, and prints the results.
  @SuppressWarnings("SystemOut") // a program
  public static void main(String[] arguments) throws IOException, InterruptedException {
    BenchOptions options = BenchOptions.of(ModelStore.defaultRoot());
    if (arguments.length > 0) {
      options = options.withRounds(Integer.parseInt(arguments[0]));
    }
    new EncodeBenchmark().run(options, System.out::println).forEach(System.out::println);
  }
}
