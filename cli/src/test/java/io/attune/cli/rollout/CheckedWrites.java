package io.attune.cli.rollout;

import com.google.protobuf.Struct;
import io.attune.cli.client.FlowClient;
import io.attune.document.Document;
import io.attune.document.DocumentArray;
import io.attune.document.json.StructJson;
import io.attune.models.testing.PlantedModels;
import io.attune.runtime.FlowException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// A client that adds, replaces and deletes documents of its own all the time, and looks after each
/// acknowledged write whether a search sees it.
final class CheckedWrites implements AutoCloseable {
  private static final int IDS = 30;

  private final FlowClient client;
  private final Random random;
  private final Thread thread;
  private final AtomicBoolean stopping = new AtomicBoolean();
  private final Map<String, @Nullable String> acknowledged = new TreeMap<>();

  final AtomicLong writes = new AtomicLong();
  final Queue<String> failed = new ConcurrentLinkedQueue<>();

  /// Acknowledged documents that were not there as written, and deleted ones that were.
  final Queue<String> lost = new ConcurrentLinkedQueue<>();

  final Queue<String> resurrected = new ConcurrentLinkedQueue<>();

  CheckedWrites(String address, long seed) {
    this.client = FlowClient.connect(address);
    this.random = new Random(seed);
    this.thread = Thread.ofVirtual().name("writer").start(this::write);
  }

  private void write() {
    while (!stopping.get()) {
      String id = "own-" + random.nextInt(IDS);
      String before = acknowledged.get(id);
      boolean deletes = before != null && random.nextInt(3) == 0;
      String text = deletes ? null : PlantedModels.text(random.nextInt());
      try {
        if (deletes) {
          post("/delete", Document.create().id(id));
        } else {
          post(
              before != null && random.nextBoolean() ? "/update" : "/index",
              Document.ofText(Objects.requireNonNull(text)).id(id));
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
    var _ = client.post(endpoint, DocumentArray.of(document), Struct.getDefaultInstance());
  }

  private void check(String id) {
    Struct parameters =
        StructJson.of(Map.of("limit", 1, "filter", Map.of("id", Map.of("$eq", id))));
    List<Document> found =
        client
            .post("/search", DocumentArray.of(Document.ofText("w1")), parameters)
            .get(0)
            .matches()
            .stream()
            .toList();
    String text = acknowledged.get(id);
    if (text == null && !found.isEmpty()) {
      resurrected.add(id);
    } else if (text != null && (found.isEmpty() || !found.getFirst().text().equals(text))) {
      lost.add(id + ": " + found + " (expected: " + text + ")");
    }
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
