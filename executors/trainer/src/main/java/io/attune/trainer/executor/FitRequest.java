package io.attune.trainer.executor;

import io.attune.document.Document;
import io.attune.document.DocumentArray;
import io.attune.document.file.DocumentFile;
import io.attune.document.file.DocumentWriter;
import io.attune.models.Durable;
import io.attune.models.ModelStore;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.trainer.data.TrainingData;
import io.attune.trainer.dataset.Datasets;
import io.attune.trainer.dataset.Stale;
import io.attune.trainer.fit.FitParts;
import io.attune.trainer.fit.Preflight;
import io.attune.trainer.run.RunConfig;
import io.attune.trainer.run.RunFolder;
import io.attune.trainer.run.RunLimits;
import io.attune.trainer.run.RunStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Makes a run of what a request asks for. All of it is checked before the run exists: names and
/// values, the model, what files are named, and the documents that came with it.
final class FitRequest {
  private static final String TRAIN_DATA = "train_data";
  private static final String DOCUMENTS = "documents.protobuf";
  private static final String UPLOADS = ".uploads";
  private static final String DATASETS = ".datasets";

  /// Before the name of a dataset, where the name of a file could be.
  private static final String DATASET = "dataset:";

  private static final Duration STALE = Duration.ofDays(1);

  private final RunStore store;
  private final ModelStore models;
  private final DataRoot dataRoot;
  private final int mostMemoryMb;
  private final Datasets datasets;
  private final FeedbackSource feedback;

  FitRequest(TrainerOptions options) {
    this.store = RunStore.at(options.runs());
    this.models = ModelStore.at(options.store());
    this.dataRoot = new DataRoot(options.dataRoot());
    this.mostMemoryMb = options.mostMemoryMb();
    this.datasets =
        Datasets.passing(store.root().resolve(DATASETS), (long) options.mostDataMb() << 20);
    this.feedback = new FeedbackSource(options.feedback());
    Stale.remove(store.root().resolve(UPLOADS), STALE); // of requests in which an executor died
  }

  /// What clients sent ahead.
  Datasets datasets() {
    return datasets;
  }

  /// Creates the run.
  ///
  /// @param values by the names of a run's configuration
  /// @param documents to train on, or none where the values name files
  /// @param admission asked when all is right; it throws where there is no room
  /// @throws FlowException telling all that is wrong
  RunFolder create(
      Map<String, ? extends @Nullable Object> values, DocumentArray documents, Runnable admission) {
    if (documents.isEmpty()) {
      if (values.get(TRAIN_DATA) == null) {
        throw FlowException.invalid(
            TRAIN_DATA
                + ": missing (expected: documents in the request, dataset:NAME of those sent to"
                + " /fit/data, or files in data_root)");
      }
      if (FeedbackSource.NAME.equals(values.get(TRAIN_DATA))) {
        DocumentArray judged = DocumentArray.of(feedback.read().queries());
        return createWith(file -> write(file, judged), values, admission);
      }
      List<String> sent = datasetsOf(values.get(TRAIN_DATA));
      if (!sent.isEmpty()) {
        return createWith(file -> datasets.copy(sent, file), values, admission);
      }
      RunConfig checked = checked(config(values), false);
      admission.run();
      return store.create(checked);
    }
    if (values.get(TRAIN_DATA) != null) {
      throw FlowException.invalid(
          TRAIN_DATA + ": beside documents in the request (expected: one of the two)");
    }
    return createWith(file -> write(file, documents), values, admission);
  }

  /// How many documents a request trains on, as far as it brought them or sent them ahead.
  long documents(Map<String, ? extends @Nullable Object> values, DocumentArray documents) {
    if (FeedbackSource.NAME.equals(values.get(TRAIN_DATA))) {
      return feedback.read().queries().size();
    }
    return documents.size()
        + datasetsOf(values.get(TRAIN_DATA)).stream().mapToLong(datasets::documents).sum();
  }

  /// Writes training documents into a file.
  private interface Writing {
    void to(Path file) throws IOException;
  }

  /// The datasets that a value names; none where it names files.
  private static List<String> datasetsOf(@Nullable Object value) {
    List<String> names =
        value instanceof List<?> list
            ? list.stream().map(String::valueOf).toList()
            : List.of(String.valueOf(value));
    List<String> sent =
        names.stream()
            .filter(name -> name.startsWith(DATASET))
            .map(name -> name.substring(DATASET.length()))
            .toList();
    if (!sent.isEmpty() && sent.size() < names.size()) {
      throw FlowException.invalid(
          "%s: %s (expected: datasets alone, or files alone)".formatted(TRAIN_DATA, names));
    }
    return sent;
  }

  private RunFolder createWith(
      Writing documents, Map<String, ? extends @Nullable Object> values, Runnable admission) {
    Path upload = store.root().resolve(UPLOADS).resolve(UUID.randomUUID().toString());
    Path file = upload.resolve(DOCUMENTS);
    Map<String, @Nullable Object> with = new LinkedHashMap<>(values);
    with.put(TRAIN_DATA, file.toString());
    RunConfig config = config(with);
    try {
      Files.createDirectories(upload);
      try {
        documents.to(file);
        Durable.sync(file);
        RunConfig checked = checked(config, true);
        checkData(file, checked);
        admission.run();
        return store.create(checked, Map.of(TRAIN_DATA, file));
      } finally {
        Durable.deleteTree(upload);
      }
    } catch (IOException e) {
      throw new FlowException(
          ErrorCode.INTERNAL, "documents: cannot be kept: " + e.getMessage(), e);
    }
  }

  private static void write(Path file, DocumentArray documents) throws IOException {
    try (DocumentWriter writer = DocumentFile.writer(file)) {
      for (Document document : documents) {
        writer.write(document);
      }
    }
  }

  private static void checkData(Path file, RunConfig config) {
    try (TrainingData data = TrainingData.read(file, config.csvOptions())) {
      FitParts.of(config).require(data.dataset());
    }
  }

  private RunConfig config(Map<String, ? extends @Nullable Object> values) {
    Map<String, @Nullable Object> with = new LinkedHashMap<>(values);
    if (mostMemoryMb < RunLimits.DEFAULT.memoryMb()) {
      with.putIfAbsent("memory_mb", mostMemoryMb);
      with.putIfAbsent("heap_mb", Math.min(RunLimits.DEFAULT.heapMb(), mostMemoryMb / 2));
    }
    RunConfig config = RunConfig.of(with);
    if (config.limits().memoryMb() > mostMemoryMb) {
      throw FlowException.invalid(
          "memory_mb: %d (expected: at most %d, this trainer's most_memory_mb)"
              .formatted(config.limits().memoryMb(), mostMemoryMb));
    }
    return config;
  }

  /// The configuration with the real paths of the files that it names.
  ///
  /// @param keptData whether its training data is a file of ours
  private RunConfig checked(RunConfig config, boolean keptData) {
    return Preflight.check(
        config.withFiles((option, name) ->
            switch (option) {
              case "model" -> dataRoot.model(option, name).toString();
              case TRAIN_DATA -> keptData ? name : dataRoot.file(option, name).toString();
              default -> dataRoot.file(option, name).toString();
            }),
        models);
  }
}
