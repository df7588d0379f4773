package io.attune.cli.hello;

import com.google.protobuf.Struct;
import io.attune.cli.client.FlowClient;
import io.attune.document.Document;
import io.attune.document.DocumentArray;
import io.attune.document.json.StructJson;
import io.attune.runtime.FlowException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A client that writes all the time: adds documents, replaces and deletes them, and remembers what
/// was acknowledged. Its documents have the texts of answers, so that what searches find of them
/// can be checked.
final class WriteLoad implements AutoCloseable {
  private static final int KEPT = 40;
  private static final long PAUSE_MILLIS = 5;

  private final FlowClient client;
  private final List<String> texts;
  private final Thread thread;

  // of the thread alone until it has ended
  private final Map<String, @Nullable String> acknowledged = new TreeMap<>();
  private final List<String> failures = new ArrayList<>();
  private long writes;

  private volatile boolean stopping;

  /// @param texts what the documents say
  WriteLoad(String address, List<String> texts) {
    this.client = FlowClient.connect(address);
    this.texts = texts;
    this.thread = Thread.ofVirtual().name("writer").start(this::write);
  }

  /// What came of the writes.
  ///
  /// @param count how many were acknowledged
  /// @param failures why some were not
  /// @param lost ids of documents that are not there as they were acknowledged
  /// @param resurrected ids of documents that are there though they were deleted
  record Outcome(long count, List<String> failures, List<String> lost, List<String> resurrected) {}

  private void write() {
    for (int i = 0; !stopping; i++) {
      String id = "note-" + i % KEPT;
      String text = texts.get(i % texts.size());
      boolean deletes = i >= KEPT && i % 3 == 0;
      try {
        if (deletes) {
          post("/delete", Document.create().id(id));
        } else {
          post("/index", Document.ofText(text).id(id));
        }
        acknowledged.put(id, deletes ? null : text);
        writes++;
        Thread.sleep(PAUSE_MILLIS);
      } catch (FlowException failure) {
        failures.add(failure.toString());
      } catch (InterruptedException _) {
        return;
      }
    }
  }

  private void post(String endpoint, Document document) {
    var _ = client.post(endpoint, DocumentArray.of(document), Struct.getDefaultInstance());
  }

  /// Stops writing, compares what is there with what was acknowledged, and takes it away.
  Outcome finish() throws InterruptedException {
    stopping = true;
    thread.join();
    Map<String, String> there = there();
    List<String> lost = new ArrayList<>();
    List<String> resurrected = new ArrayList<>();
    acknowledged.forEach((id, text) -> {
      if (text == null && there.containsKey(id)) {
        resurrected.add(id);
      } else if (text != null && !text.equals(there.get(id))) {
        lost.add(id);
      }
    });
    for (String id : acknowledged.keySet()) {
      post("/delete", Document.create().id(id));
    }
    return new Outcome(writes, List.copyOf(failures), lost, resurrected);
  }

  /// The texts of the documents that are there, by id.
  private Map<String, String> there() {
    Map<String, Object> ids = Map.of("$in", List.copyOf(acknowledged.keySet()));
    Struct parameters = StructJson.of(Map.of("limit", KEPT, "filter", Map.of("id", ids)));
    Map<String, String> there = new HashMap<>();
    client
        .post("/search", DocumentArray.of(Document.ofText(texts.getFirst())), parameters)
        .get(0)
        .matches()
        .forEach(match -> there.put(match.id(), match.text()));
    return there;
  }

  /// Stops writing.
  @Override
  public void close() {
    stopping = true;
    client.close();
  }
}
