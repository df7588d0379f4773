package io.attune.cli.hello;

import com.google.protobuf.Struct;
import io.attune.cli.client.FlowAnswer;
import io.attune.cli.client.FlowClient;
import io.attune.document.Document;
import io.attune.document.json.StructJson;
import io.attune.runtime.FlowException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Predicate;

/// Clients that search all the time, each with one question after the other, and look at every
/// answer.
final class SearchLoad implements AutoCloseable {
  private static final int LIMIT = 10;

  private final List<Thread> threads = new ArrayList<>();
  private final Queue<Search> searches = new ConcurrentLinkedQueue<>();
  private volatile boolean stopping;

  /// A search as its client saw it.
  ///
  /// @param startNanos when it was sent
  /// @param nanos until its answer
  /// @param version of the model that the answer names; empty where it failed
  /// @param isMixed whether the matches are not those of that version
  /// @param failure why it failed; empty where it did not
  record Search(long startNanos, long nanos, String version, boolean isMixed, String failure) {}

  /// @param clients how many search at the same time, each on a connection of its own
  /// @param questions what they ask, over and over
  SearchLoad(String address, int clients, List<String> questions, ExactAnswers exact) {
    for (int i = 0; i < clients; i++) {
      int first = i * questions.size() / clients;
      threads.add(
          Thread.ofVirtual()
              .name("client-" + i)
              .start(() -> search(address, first, questions, exact)));
    }
  }

  private void search(String address, int first, List<String> questions, ExactAnswers exact) {
    Struct parameters = StructJson.of(Map.of("limit", LIMIT));
    try (FlowClient client = FlowClient.connect(address)) {
      for (int i = first; !stopping; i++) {
        Document question = Document.ofText(questions.get(i % questions.size()));
        long start = System.nanoTime();
        try {
          client.post(
              "/search",
              List.of(question).iterator(),
              parameters,
              1,
              answer -> searches.add(seen(start, answer, exact)));
        } catch (FlowException failure) {
          searches.add(new Search(start, System.nanoTime() - start, "", false, failure.toString()));
        }
      }
    }
  }

  private static Search seen(long start, FlowAnswer answer, ExactAnswers exact) {
    long nanos = System.nanoTime() - start;
    String version = answer.model("encoder");
    return new Search(start, nanos, version, !exact.isOf(version, answer.documents().get(0)), "");
  }

  /// What searches were like that were sent in a period.
  ///
  /// @param byVersion how many each version answered
  /// @param mixed how many had matches that are not of the version they name
  /// @param failures why some failed
  record Window(
      long count,
      Map<String, Long> byVersion,
      long mixed,
      List<String> failures,
      QaReport.Latency latency) {}

  /// What searches were like that were sent from one moment to another, of [System#nanoTime].
  Window window(long from, long until) {
    return window(search -> search.startNanos() - from >= 0 && search.startNanos() - until < 0);
  }

  /// What all searches so far were like.
  Window all() {
    return window(_ -> true);
  }

  private Window window(Predicate<Search> within) {
    List<Search> sent = searches.stream().filter(within).toList();
    Map<String, Long> byVersion = new TreeMap<>();
    List<String> failures = new ArrayList<>();
    List<Double> milliseconds = new ArrayList<>();
    for (Search search : sent) {
      if (search.failure().isEmpty()) {
        byVersion.merge(search.version(), 1L, Long::sum);
        milliseconds.add(search.nanos() / 1e6);
      } else {
        failures.add(search.failure());
      }
    }
    return new Window(
        sent.size(),
        byVersion,
        sent.stream().filter(Search::isMixed).count(),
        failures,
        QaReport.Latency.of(milliseconds));
  }

  /// Stops asking, and waits for the answers under way.
  void finish() throws InterruptedException {
    close();
    for (Thread thread : threads) {
      thread.join();
    }
  }

  /// Stops asking.
  @Override
  public void close() {
    stopping = true;
  }
}
