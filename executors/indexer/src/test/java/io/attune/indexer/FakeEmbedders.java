package io.attune.indexer;

import io.attune.document.Document;
import io.attune.indexer.reembed.Embedder;
import io.attune.indexer.reembed.Embedders;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.ModelVersion;
import io.attune.runtime.channel.BrokenConnectionException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/// Stands for an encoder: version 1 embeds in [PlantedSpaces#OLD], version 2 in
/// [PlantedSpaces#NEW]. Can be made to fail, to wait, and to refuse certain texts.
final class FakeEmbedders implements Embedders {
  /// Texts that fail whenever they are embedded.
  final Set<String> poisonous = ConcurrentHashMap.newKeySet();

  /// Texts for which it fails without saying that they are to blame, and how.
  final Map<String, ErrorCode> unclear = new ConcurrentHashMap<>();

  /// Texts that end the encoder: the connection breaks under the call.
  final Set<String> deadly = ConcurrentHashMap.newKeySet();

  /// How often it was ended.
  final AtomicInteger ends = new AtomicInteger();

  /// The calls that do not reach it after it was ended.
  private final AtomicInteger away = new AtomicInteger();

  /// How often each text was embedded, by `space/text`.
  final Map<String, AtomicInteger> embedded = new ConcurrentHashMap<>();

  /// Called with the space before anything is embedded; may throw.
  volatile Consumer<String> before = _ -> {};

  /// Called before an embedder is opened.
  volatile Runnable opening = () -> {};

  @Override
  public Embedder of(ModelVersion version, String address) {
    opening.run();
    String space = version.version() == 1 ? PlantedSpaces.OLD : PlantedSpaces.NEW;
    return documents -> embed(documents, space);
  }

  private List<Document> embed(List<Document> documents, String space) {
    before.accept(space);
    if (away.getAndUpdate(calls -> Math.max(0, calls - 1)) > 0) {
      throw unavailable();
    }
    if (documents.stream().anyMatch(document -> deadly.contains(document.text()))) {
      ends.incrementAndGet();
      away.set(5);
      throw broken();
    }
    List<Document> answers = new ArrayList<>();
    for (Document document : documents) {
      if (poisonous.contains(document.text())) {
        throw new FlowException(ErrorCode.INTERNAL, "text: poisonous");
      }
      ErrorCode code = unclear.get(document.text());
      if (code != null) {
        throw new FlowException(code, "text: not now");
      }
      answers.add(
          document.text().isEmpty() ? document : PlantedSpaces.marked(document.copy(), space));
    }
    for (Document document : documents) {
      embedded
          .computeIfAbsent(space + "/" + document.text(), _ -> new AtomicInteger())
          .incrementAndGet();
    }
    return answers;
  }

  /// How many texts were embedded for a space.
  int count(String space) {
    return embedded.entrySet().stream()
        .filter(each -> each.getKey().startsWith(space + "/"))
        .mapToInt(each -> each.getValue().get())
        .sum();
  }

  static FlowException unavailable() {
    return new FlowException(ErrorCode.UNAVAILABLE, "encoder: away");
  }

  static FlowException broken() {
    return new FlowException(
        ErrorCode.UNAVAILABLE,
        "encoder: gone",
        new BrokenConnectionException("encoder: gone", null));
  }

  /// Fails what is embedded for one space.
  static Consumer<String> away(String space) {
    return embedding -> {
      if (embedding.equals(space)) {
        throw unavailable();
      }
    };
  }

  /// Lets embedding wait at a barrier: what comes to it, and what lets it go on.
  static final class Barrier implements Consumer<String> {
    private final String space;
    private final Semaphore come = new Semaphore(0);
    private final Semaphore go = new Semaphore(0);

    /// @param space which embedding waits
    Barrier(String space) {
      this.space = space;
    }

    @Override
    public void accept(String embedding) {
      if (embedding.equals(space)) {
        come.release();
        go.acquireUninterruptibly();
      }
    }

    /// Waits until it is embedding.
    void awaitCome() throws InterruptedException {
      if (!come.tryAcquire(1, TimeUnit.MINUTES)) {
        throw new AssertionError("nothing is embedded");
      }
    }

    void open() {
      go.release(Integer.MAX_VALUE / 2);
    }
  }
}
