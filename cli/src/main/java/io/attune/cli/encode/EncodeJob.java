package io.attune.cli.encode;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.attune.cli.Console.Progress;
import io.attune.document.Document;
import io.attune.document.DocumentArray;
import io.attune.document.file.DocumentWriter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Embeds documents, as many at a time as keep all threads at work, and counts what was done.
final class EncodeJob {
  private static final int TOGETHER = 1024;

  private final EmbeddedEncoder encoder;
  private final Struct parameters;
  private final Map<String, Long> counts = new LinkedHashMap<>();
  private String model = "";
  private int dimension;
  private long written;

  EncodeJob(EmbeddedEncoder encoder, Struct parameters) {
    this.encoder = encoder;
    this.parameters = parameters;
    List.of("encoded", "kept", "skipped", "cut").forEach(name -> counts.put(name, 0L));
  }

  /// Embeds and writes all of them, in their order.
  void run(Iterator<Document> documents, DocumentWriter writer, Progress progress)
      throws IOException {
    while (documents.hasNext()) {
      DocumentArray together = DocumentArray.of();
      while (documents.hasNext() && together.size() < TOGETHER) {
        together.add(documents.next());
      }
      count(encoder.encode(together, parameters));
      for (Document document : together) {
        document.embeddingShape().ifPresent(shape -> dimension = shape[shape.length - 1]);
        writer.write(document);
        written++;
      }
      progress.to(written);
    }
  }

  private void count(Struct results) {
    model = results.getFieldsOrThrow("model").getStringValue();
    counts.replaceAll((name, sum) ->
        sum + (long) results.getFieldsOrDefault(name, Value.getDefaultInstance()).getNumberValue());
  }

  /// How many documents were written.
  long written() {
    return written;
  }

  /// The figures for programs.
  ///
  /// @param loading how long the model took before the first document, in seconds
  /// @param seconds from there to the last document written
  Map<String, Object> json(double loading, double seconds) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("model", model);
    json.put("dimension", dimension);
    json.put("documents", written);
    json.putAll(counts);
    json.put("loading_seconds", loading);
    json.put("seconds", seconds);
    return json;
  }

  private long count(String name) {
    return counts.getOrDefault(name, 0L);
  }

  /// The figures for people.
  List<String> lines(double loading, double seconds) {
    List<String> lines = new ArrayList<>();
    lines.add(
        "embedded %,d documents with %s (%d dimensions) in %.1f s (%,.0f/s), after %.1f s in which it was loaded"
            .formatted(
                count("encoded"), model, dimension, seconds, count("encoded") / seconds, loading));
    if (count("skipped") > 0) {
      lines.add("%,d without a text stay without an embedding".formatted(count("skipped")));
    }
    if (count("kept") > 0) {
      lines.add("%,d keep the embedding that they had".formatted(count("kept")));
    }
    if (count("cut") > 0) {
      lines.add("%,d are longer than the model reads, and cut".formatted(count("cut")));
    }
    return lines;
  }
}
