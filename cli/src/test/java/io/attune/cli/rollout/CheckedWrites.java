package io.attune.cli.rollout;

import com.google.protobuf.Struct;
import io.attune.cli.client.FlowClient;
import io.attune.document.Document;
import io.attune.document.DocumentArray;
import io.attune.document.json.StructJson;
import io.attune.models.testing.PlantedModels;
import io.attune.runtime.FlowException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// A client that adds, replaces and deletes documents of its own all the time, and looks after each
/// acknowledged write whether a search sees it.
final class CheckedWrites implements AutoCloseable {
  private static final int IDS = 30;

  private final String address;
  private final Excuses excuses;
  private final String prefix;
  private final Duration pause;
  private final Random random;
  private final Thread thread;
  private final AtomicBoolean stopping = new AtomicBoolean();
  private final Map<String, @Nullable String> acknowledged = new TreeMap<>();

  private FlowClient client;

  final AtomicLong writes = new AtomicLong();
  final Queue<String> failed = new ConcurrentLinkedQueue<>();

  /// Acknowledged documents that were not there as written, and deleted ones that were.
  final Queue<String> lost = new ConcurrentLinkedQueue<>();

  final Queue<String> resurrected = new ConcurrentLinkedQueue<>();

  CheckedWrites(String address, long seed) {
    this(address, seed, Excuses.NONE, CheckedSearches.PAUSE);
  }

  /// @param excuses what may fail, and is then done again until it is acknowledged
  /// @param pause before each write
  CheckedWrites(String address, long seed, Excuses excuses, Duration pause) {
    this.pause = pause;
    this.address = address;
    this.excuses = excuses;
    this.prefix = "own-" + seed + "-";
    this.client = FlowClient.connect(address);
    this.random = new Random(seed);
    this.thread = Thread.ofVirtual().name("writer").start(this::write);
  }

  private void write() {
    while (!stopping.get()) {
      LockSupport.parkNanos(pause.toNanos());
      String id = prefix + random.nextInt(IDS);
      String before = acknowledged.get(id);
      boolean deletes = before != null && random.nextInt(3) == 0;
      String text = deletes ? null : PlantedModels.text(random.nextInt());
      boolean updates = before != null && random.nextBoolean();
      try {
        if (deletes) {
          post("/delete", Document.create().id(id));
        } else {
          post(
              updates ? "/update" : "/index", Document.ofText(Objects.requireNonNull(text)).id(id));
        }
        acknowledged.put(id, text);
        writes.incrementAndGet();
        check(id);
      } catch (FlowException failure) {
        failed.add(failure.toString());
      }
    }
  }

  private void post(String endpoint, Document document) {
    var _ = posted(endpoint, document, Struct.getDefaultInstance());
  }

  private DocumentArray posted(String endpoint, Document document, Struct parameters) {
    while (true) {
      long sent = System.nanoTime();
      try {
        return client.post(endpoint, DocumentArray.of(document.copy()), parameters);
      } catch (FlowException failure) {
        if (!excuses.isExcused(sent, failure)) {
          throw failure;
        }
        LockSupport.parkNanos(10_000_000);
        client.close();
        client = FlowClient.connect(address);
      }
    }
  }

  private void check(String id) {
    Struct parameters =
        StructJson.of(Map.of("limit", 1, "filter", Map.of("id", Map.of("$eq", id))));
    String text = acknowledged.get(id);
    List<Document> found = found(parameters);
    if (text == null && !found.isEmpty()) {
      resurrected.add(id);
    } else if (text != null && !isThere(text, found)) {
      lost.add(id + ": " + found + " (expected: " + text + ")");
    }
  }

  private List<Document> found(Struct parameters) {
    return posted("/search", Document.ofText("w1"), parameters).get(0).matches().stream().toList();
  }

  private static boolean isThere(String text, List<Document> found) {
    return !found.isEmpty() && found.getFirst().text().equals(text);
  }

  /// Stops, and looks once more at everything that was ever acknowledged.
  void finish() throws InterruptedException {
    stopping.set(true);
    thread.join();
    acknowledged.keySet().forEach(this::check);
  }

  @Override
  public void close() {
    stopping.set(true);
    client.close();
  }
}
