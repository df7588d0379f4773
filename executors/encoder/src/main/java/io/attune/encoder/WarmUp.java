package io.attune.encoder;

import io.attune.document.Document;
import io.attune.models.Golden;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// Runs the batch shapes that serving uses, once each, so that no request pays for the first: one
/// input alone and a full batch, of each golden and of texts of 8, 16, 32… tokens.
final class WarmUp {
  private static final int SHORTEST = 8;

  private WarmUp() {}

  /// @param tokenBudget the most tokens of a batch
  /// @param batchSize the most inputs of a batch
  static void run(EmbeddingModel model, Golden golden, int tokenBudget, int batchSize) {
    List<Document> documents = new ArrayList<>();
    documents.add(GoldenCheck.document(golden.cases().getFirst()));
    for (int tokens = SHORTEST; tokens <= tokenBudget; tokens *= 2) {
      documents.add(Document.ofText("word ".repeat(tokens - 2)));
    }
    int widest = 0;
    for (Document document : documents) {
      List<Input> input = model.read(document, Prompt.NONE).stream().toList();
      if (!input.isEmpty() && input.getFirst().cost() > widest) {
        widest = input.getFirst().cost();
        var _ = model.embed(input);
        int rows = Math.clamp(tokenBudget / widest, 1, batchSize);
        if (rows > 1) {
          var _ = model.embed(Collections.nCopies(rows, input.getFirst()));
        }
      }
    }
  }
}
