package io.attune.encoder;

import io.attune.document.Document;
import io.attune.models.Golden;
import io.attune.runtime.error.Failures;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// Runs the batch shapes that serving uses, once each, so that no request pays for the first: one
/// input alone and a full batch, of each golden and of texts of 8, 16, 32… tokens.
final class WarmUp {
  private static final int SHORTEST = 8;

  private WarmUp() {}

  /// @param tokenBudget the most tokens of a batch
  /// @param batchSize the most inputs of a batch
  /// @param sessions how many batches run at the same time
  static void run(
      EmbeddingModel model, Golden golden, int tokenBudget, int batchSize, int sessions) {
    List<Document> documents = new ArrayList<>();
    documents.add(GoldenCheck.document(golden.cases().getFirst()));
    for (int tokens = SHORTEST; tokens <= tokenBudget; tokens *= 2) {
      documents.add(Document.ofText("word ".repeat(tokens - 2)));
    }
    List<List<Input>> batches = new ArrayList<>();
    int widest = 0;
    for (Document document : documents) {
      List<Input> input = model.read(document, Prompt.NONE).stream().toList();
      if (!input.isEmpty() && input.getFirst().cost() > widest) {
        widest = input.getFirst().cost();
        batches.add(input);
        int rows = Math.clamp(tokenBudget / widest, 1, batchSize);
        if (rows > 1) {
          batches.add(Collections.nCopies(rows, input.getFirst()));
        }
      }
    }
    runAll(model, batches, sessions);
  }

  /// Runs batches as the workers will: some at the same time.
  private static void runAll(EmbeddingModel model, List<List<Input>> batches, int sessions) {
    Queue<List<Input>> left = new ConcurrentLinkedQueue<>(batches);
    try (ExecutorService threads =
        Executors.newFixedThreadPool(sessions, Thread.ofPlatform().name("warm-", 0).factory())) {
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < sessions; i++) {
        running.add(
            threads.submit(() -> {
              for (List<Input> batch = left.poll(); batch != null; batch = left.poll()) {
                var _ = model.embed(batch);
              }
            }));
      }
      for (Future<?> each : running) {
        var _ = Failures.get(each);
      }
    }
  }
}
