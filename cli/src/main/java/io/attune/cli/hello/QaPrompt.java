package io.attune.cli.hello;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.attune.cli.Console;
import io.attune.cli.Excerpt;
import io.attune.cli.client.FlowClient;
import io.attune.document.Document;
import io.attune.document.DocumentArray;
import io.attune.document.Score;
import io.attune.runtime.FlowException;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.Objects;

/// Reads questions from standard input, one a line, and prints the best answers, until the end of
/// the input.
final class QaPrompt {
  private static final int SHOWN = 3;

  private final Console console;
  private final FlowClient client;
  private final QaCorpus corpus;
  private final BufferedReader lines;

  /// @param lines what a person types
  QaPrompt(Console console, FlowClient client, QaCorpus corpus, BufferedReader lines) {
    this.console = console;
    this.client = client;
    this.corpus = corpus;
    this.lines = lines;
  }

  void run() throws IOException {
    console.note("");
    console.note("Ask the %s (Ctrl-D ends):".formatted(corpus.name()));
    while (true) {
      console.err().print("? ");
      console.err().flush();
      String question = lines.readLine();
      if (question == null) {
        console.note("");
        return;
      }
      if (question.isBlank()) {
        continue;
      }
      try {
        answer(question.strip());
      } catch (FlowException failure) {
        console.error(Objects.toString(failure.getMessage(), "failed"));
      }
    }
  }

  private void answer(String question) {
    Struct parameters =
        Struct.newBuilder()
            .putFields("limit", Value.newBuilder().setNumberValue(SHOWN).build())
            .build();
    long start = System.nanoTime();
    DocumentArray answered =
        client.post("/search", DocumentArray.of(Document.ofText(question)), parameters);
    double milliseconds = (System.nanoTime() - start) / 1e6;
    for (Document match : answered.get(0).matches()) {
      float distance = match.scores().getOrDefault("cosine", Score.of(Double.NaN)).value();
      console.print("%.3f  %s".formatted(1 - distance, Excerpt.harmless(match.text())));
    }
    console.note("(%.1f ms)".formatted(milliseconds));
  }
}
