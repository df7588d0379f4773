package io.attune.trainer.callback;

import io.attune.document.Document;
import io.attune.trainer.run.Checkpoint;
import io.attune.trainer.run.Measured;
import io.attune.trainer.run.ProgressEvent;
import io.attune.trainer.run.ProgressListener;
import io.attune.trainer.run.RunConfig;
import io.attune.trainer.run.RunFolder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/// Training without a model: its one weight is the epoch, and embeddings are looked up by text.
final class FakeFit implements Fit {
  final List<ProgressEvent> events = new ArrayList<>();
  final List<Measured> history = new ArrayList<>();
  final List<String> embedded = new ArrayList<>();
  Function<String, float[]> embedding = text -> new float[] {1};
  String stopped = "";
  float weight;
  float pretrained;
  int epoch;
  private final RunFolder folder;
  private final RunConfig config;

  FakeFit(RunFolder folder) {
    this.folder = folder;
    this.config = folder.config();
  }

  /// The callbacks of its configuration, which has no evaluation.
  Callbacks callbacks() {
    return Callbacks.of(
        config,
        evaluation -> {
          throw new AssertionError(evaluation);
        },
        List.of());
  }

  /// Plays epochs with given values of one metric, the first before training, as the loop does.
  void play(Callback callback, String name, double... values) {
    callback.fitBegin(this);
    for (double value : values) {
      if (!stopped.isEmpty()) {
        break;
      }
      next(callback, Map.of(name, value));
    }
  }

  void next(Callback callback, Map<String, Double> values) {
    weight = epoch;
    Measured measured = new Measured(epoch, step(), values);
    history.add(measured);
    callback.epochEnd(this, measured);
    epoch++;
  }

  @Override
  public RunConfig config() {
    return config;
  }

  @Override
  public RunFolder folder() {
    return folder;
  }

  @Override
  public ProgressListener listener() {
    return events::add;
  }

  @Override
  public int epoch() {
    return epoch;
  }

  @Override
  public long step() {
    return 10L * epoch;
  }

  @Override
  public float[][] embed(List<Document> documents, boolean queries, int batchSize) {
    documents.forEach(document -> embedded.add((queries ? "query " : "") + document.text()));
    return documents.stream()
        .map(document -> embedding.apply(document.text()))
        .toArray(float[][]::new);
  }

  @Override
  public Map<String, float[]> pretrained() {
    return Map.of("w", new float[] {pretrained});
  }

  @Override
  public Checkpoint checkpoint() {
    return new Checkpoint(
        epoch, step(), config.hash(), Map.of("w", new float[] {weight}), Map.of(), history);
  }

  @Override
  public void restore(Checkpoint checkpoint) {
    weight = checkpoint.weights().getOrDefault("w", new float[1])[0];
  }

  @Override
  public void stop(String reason) {
    stopped = reason;
  }
}
