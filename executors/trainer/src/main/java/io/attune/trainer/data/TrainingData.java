package io.attune.trainer.data;

import io.attune.document.Document;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/// Data for training or evaluation: documents, and how they relate. The documents lie on disk and
/// are read when they are asked for; what stays in memory is some 100 bytes for each.
///
/// ```java
/// try (TrainingData data = TrainingData.read(Path.of("train.csv"), DataOptions.DEFAULTS)) {
///   data.report().lines().forEach(System.out::println);
///   Sampler sampler = Sampler.of(data, SamplerOptions.of(128));
///   for (Batch batch : sampler.epoch(0)) { … }
/// }
/// ```
///
/// Safe for use by many threads at once.
public final class TrainingData implements AutoCloseable {
  private static final int MOST_EXAMPLES = 3;

  private final ItemStore store;
  private final Dataset dataset;
  private final int[] contents;
  private final HashIndex contentKeys;
  private final HashIndex exactKeys;
  private final DataReport report;
  private final String sha256;

  TrainingData(
      ItemStore store,
      Dataset dataset,
      int[] contents,
      HashIndex contentKeys,
      HashIndex exactKeys,
      DataReport report,
      String sha256) {
    this.store = store;
    this.dataset = dataset;
    this.contents = contents;
    this.contentKeys = contentKeys;
    this.exactKeys = exactKeys;
    this.report = report;
    this.sha256 = sha256;
  }

  /// Reads a file: CSV by any name that [io.attune.document.file.DocumentFormat] does not know,
  /// JSON lines, or docarray's binary stream.
  ///
  /// @throws io.attune.runtime.FlowException (INVALID_ARGUMENT) naming file, line and what is
  ///   expected
  public static TrainingData read(Path file, DataOptions options) {
    return read(List.of(file), options);
  }

  /// Reads files of one form, one after the other, as if they were one.
  ///
  /// @throws io.attune.runtime.FlowException (INVALID_ARGUMENT) naming file, line and what is
  ///   expected
  public static TrainingData read(List<Path> files, DataOptions options) {
    return DataReader.read(new RowSource(files, options), options, _ -> true);
  }

  /// Takes documents, such as those of a request.
  ///
  /// @throws io.attune.runtime.FlowException (INVALID_ARGUMENT) naming the document and what is
  ///   expected
  public static TrainingData of(Iterable<Document> documents, DataOptions options) {
    return DataReader.of(documents, options);
  }

  /// How the items relate.
  public Dataset dataset() {
    return dataset;
  }

  /// How many items.
  public int size() {
    return store.size();
  }

  /// An item, read from disk. One of a class dataset has its label in tag `finetuner_label`.
  ///
  /// @param item from 0 below [#size()]
  public Document document(int item) {
    return store.get(item);
  }

  /// All items in their order, read from disk one at a time.
  public Iterable<Document> documents() {
    return () ->
        new Iterator<>() {
          private int next;

          @Override
          public boolean hasNext() {
            return next < size();
          }

          @Override
          public Document next() {
            if (!hasNext()) {
              throw new NoSuchElementException("item " + next);
            }
            return document(next++);
          }
        };
  }

  /// The number of an item's content, counted from 0: equal for items whose texts are the same but
  /// for case, white space or Unicode's compatibility forms, or whose other content is the same.
  public int content(int item) {
    return contents[item];
  }

  /// How many different contents there are.
  public int contentCount() {
    return contentKeys.size();
  }

  /// What was read, and what in it deserves a look.
  public DataReport report() {
    return report;
  }

  /// The SHA-256 of what the rows say, in their order, as hexadecimal digits; the names of files
  /// and the ids of documents do not count.
  public String sha256() {
    return sha256;
  }

  /// How much of evaluation data is in this training data.
  public Leakage leakage(TrainingData evaluation) {
    int exact = 0;
    int normalized = 0;
    List<String> examples = new ArrayList<>();
    for (int item = 0; item < evaluation.size(); item++) {
      int content = evaluation.content(item);
      if (contentKeys.contains(
          evaluation.contentKeys.high(content), evaluation.contentKeys.low(content))) {
        normalized++;
        Document document = evaluation.document(item);
        Fingerprint key = Fingerprint.of(Fingerprint.contentBytes(document));
        exact += exactKeys.contains(key.high(), key.low()) ? 1 : 0;
        if (examples.size() < MOST_EXAMPLES) {
          examples.add(
              document.text().isEmpty() ? document.id() : DataErrors.quoted(document.text()));
        }
      }
    }
    return new Leakage(evaluation.size(), exact, normalized, examples);
  }

  /// Frees the memory and the disk.
  @Override
  public void close() {
    store.close();
  }
}
