package io.attune.cli.rollout;

import com.google.protobuf.Struct;
import io.attune.cli.client.FlowAnswer;
import io.attune.cli.client.FlowClient;
import io.attune.document.Document;
import io.attune.document.json.StructJson;
import io.attune.models.testing.PlantedModels;
import io.attune.runtime.FlowException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/// Clients that search all the time: some with a stream for each search, some with one stream from
/// the beginning to the end. Every answer is checked.
///
/// They leave some of the machine to what runs behind searches, such as a rollout;
/// `-Dattune.pause.millis=0` for clients that leave nothing.
final class CheckedSearches implements AutoCloseable {
  private static final Struct PARAMETERS = StructJson.of(Map.of("limit", 5));
  private static final int QUERIES = 500;

  /// How long a client rests before each request.
  static final Duration PAUSE = Duration.ofMillis(Integer.getInteger("attune.pause.millis", 10));

  private final String address;
  private final PlantedChecker checker;
  private final Excuses excuses;
  private final Duration pause;
  private final List<Thread> threads = new ArrayList<>();
  private final AtomicBoolean stopping = new AtomicBoolean();

  /// How many were answered, and by which versions.
  final AtomicLong answered = new AtomicLong();

  final Set<String> versions = ConcurrentHashMap.newKeySet();

  /// Which versions answered each query.
  final Map<String, Set<String>> versionsOf = new ConcurrentHashMap<>();

  /// How many failed with an excuse.
  final AtomicLong excused = new AtomicLong();

  /// Searches that failed, and answers that are wrong.
  final Queue<String> failed = new ConcurrentLinkedQueue<>();

  final Queue<String> mixed = new ConcurrentLinkedQueue<>();

  CheckedSearches(String address, PlantedChecker checker, int single, int streaming) {
    this(address, checker, single, streaming, Excuses.NONE, PAUSE);
  }

  /// @param pause before each search
  CheckedSearches(
      String address,
      PlantedChecker checker,
      int single,
      int streaming,
      Excuses excuses,
      Duration pause) {
    this.address = address;
    this.checker = checker;
    this.excuses = excuses;
    this.pause = pause;
    for (int i = 0; i < single + streaming; i++) {
      boolean streams = i >= single;
      int seed = 100 * i;
      threads.add(
          Thread.ofVirtual()
              .name("search-" + i)
              .start(() -> search(seed, streams ? Integer.MAX_VALUE : 1)));
    }
  }

  /// @param streamed how many searches are sent on one stream
  private void search(int seed, int streamed) {
    FlowClient client = FlowClient.connect(address);
    try {
      for (int i = seed; !stopping.get(); i++) {
        Queries queries = new Queries(i, streamed);
        try {
          client.post("/search", queries, PARAMETERS, 1, answer -> check(queries, answer));
        } catch (FlowException failure) {
          client = failed(queries, failure, client);
        }
      }
    } finally {
      client.close();
    }
  }

  /// A new connection waits for no other's pauses.
  private FlowClient failed(Queries queries, FlowException failure, FlowClient client) {
    Long sent = queries.sentNanos.peek();
    if (!excuses.isExcused(sent == null ? System.nanoTime() : sent, failure)) {
      failed.add(failure.toString());
      return client;
    }
    excused.incrementAndGet();
    LockSupport.parkNanos(10_000_000);
    client.close();
    return FlowClient.connect(address);
  }

  private final class Queries implements Iterator<Document> {
    private final int first;
    private final int most;
    private final Deque<Long> sentNanos = new ArrayDeque<>();
    private int sent;

    Queries(int first, int most) {
      this.first = first;
      this.most = most;
    }

    @Override
    public boolean hasNext() {
      return sent < most && (sent == 0 || !stopping.get());
    }

    @Override
    public Document next() {
      LockSupport.parkNanos(pause.toNanos());
      sentNanos.add(System.nanoTime());
      return Document.ofText(PlantedModels.text((first + sent++) % QUERIES));
    }
  }

  private void check(Queries queries, FlowAnswer answer) {
    long sent = queries.sentNanos.remove();
    String version = answer.model("encoder");
    Document query = answer.documents().get(0);
    versions.add(version);
    versionsOf.computeIfAbsent(query.text(), _ -> ConcurrentHashMap.newKeySet()).add(version);
    checker.wrong(version, query, sent).ifPresent(mixed::add);
    answered.incrementAndGet();
  }

  /// Stops, once what is under way is answered.
  void finish() throws InterruptedException {
    close();
    for (Thread thread : threads) {
      thread.join();
    }
  }

  @Override
  public void close() {
    stopping.set(true);
  }
}
