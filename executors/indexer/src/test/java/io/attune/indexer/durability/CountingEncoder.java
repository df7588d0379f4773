package io.attune.indexer.durability;

import io.attune.document.Document;
import io.attune.document.DocumentArray;
import io.attune.runtime.Answer;
import io.attune.runtime.Call;
import io.attune.runtime.server.ExecutorServer;
import io.attune.runtime.server.ServerOptions;
import io.attune.runtime.testing.TestServer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;

/// An encoder on a port, of two versions, that counts how often it was asked for each text.
final class CountingEncoder implements AutoCloseable {
  private final ExecutorServer server =
      ExecutorServer.start(
          endpoints -> endpoints.read("/encode", this::encode),
          TestServer.context("encoder"),
          ServerOptions.onPort(0).host("127.0.0.1"));

  private final Map<String, AtomicInteger> asked = new ConcurrentHashMap<>();

  /// The space of a version.
  static String space(int version) {
    return "planted@" + version;
  }

  String address() {
    return "grpc://127.0.0.1:" + server.port();
  }

  private Answer encode(Call call) {
    String space = space(call.model("planted").orElseThrow().version());
    for (Document document : call.documents()) {
      asked.computeIfAbsent(document.text(), _ -> new AtomicInteger()).incrementAndGet();
      document.embedding(Expectation.vector(document.text(), space), space);
    }
    return Answer.of(DocumentArray.of(call.documents()));
  }

  /// Begins to count anew.
  void forget() {
    asked.clear();
  }

  /// How many texts of a pattern were asked for.
  long asked(Pattern pattern) {
    return asked.keySet().stream().filter(pattern.asMatchPredicate()).count();
  }

  /// How often texts of a pattern were asked for again.
  int askedAgain(Pattern pattern) {
    return asked.entrySet().stream()
        .filter(each -> pattern.asMatchPredicate().test(each.getKey()))
        .mapToInt(each -> each.getValue().get() - 1)
        .sum();
  }

  @Override
  public void close() {
    server.close();
  }
}
