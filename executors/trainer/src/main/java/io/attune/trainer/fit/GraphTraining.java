package io.attune.trainer.fit;

import io.attune.models.Artifact;
import io.attune.models.ModelStore;
import io.attune.models.StoredModel;
import io.attune.trainer.callback.Callback;
import io.attune.trainer.callback.Callbacks;
import io.attune.trainer.data.TrainingData;
import io.attune.trainer.data.sampler.Sampler;
import io.attune.trainer.graph.DifferentiableGraph;
import io.attune.trainer.graph.Parameter;
import io.attune.trainer.graph.TorchEngine;
import io.attune.trainer.run.ProgressEvent;
import io.attune.trainer.run.ProgressListener;
import io.attune.trainer.run.RunArtifact;
import io.attune.trainer.run.RunConfig;
import io.attune.trainer.run.RunFolder;
import io.attune.trainer.run.Training;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/// Tunes an ONNX graph and publishes it as its model's next version.
///
/// ```java
/// RunConfig config = RunConfig.of(Map.of(
///     "model", "all-MiniLM-L6-v2", "train_data", "pairs.csv",
///     "loss", "MultipleNegativesRankingLoss", "epochs", 1));
/// RunFolder run = RunStore.at(RunStore.defaultRoot()).create(Preflight.check(config, store));
/// RunState end = FitMain.start(run, store).await(System.out::println);
/// StoredModel tuned = run.artifact().orElseThrow().open();
/// ```
public final class GraphTraining implements Training {
  private final ModelStore store;

  /// @param store where models are read from and published
  public GraphTraining(ModelStore store) {
    this.store = store;
  }

  @Override
  public void run(RunConfig created, RunFolder folder, ProgressListener listener) {
    long start = System.nanoTime();
    FitParts parts = FitParts.of(created);
    TorchEngine.start(created.threads());
    Consumer<String> notes = text -> listener.on(new ProgressEvent.Message(0, text));
    Path scratch = folder.path().resolve("tmp");
    RunConfig config =
        folder.checkpoints().isEmpty()
            ? new BaseModels(created, store, scratch, notes).pinned(folder)
            : created; // what its checkpoints go with
    Results results = new Results(listener);
    try (FitData data = new FitData(config, notes)) {
      parts.require(data.training().dataset());
      BaseModel base = new BaseModels(config, store, scratch, notes).open(data.training());
      try (BaseModel.Reader training = base.reader(true);
          BaseModel.Reader serving = base.reader(false);
          TrainedGraph graph = graph(base, config, parts);
          FitLoop loop =
              new FitLoop(
                  config,
                  folder,
                  results,
                  parts,
                  graph,
                  origin(base, data.training()),
                  sampler(data.training(), parts, notes),
                  training.collator(),
                  serving.collator())) {
        graph.graph().edits().forEach(notes);
        String reason = loop.run(callbacks(config, data, parts, graph, training));
        if (config.epochs() == 0) {
          notes.accept("evaluated only, with 0 epochs: nothing is published");
        } else {
          StoredModel tuned =
              new TunedPublication(store, base, graph.graph().tuned(), notes)
                  .publish(graph, serving, data.training(), folder.id(), results.after());
          folder.artifact(RunArtifact.of(tuned, store));
        }
        listener.on(
            new ProgressEvent.FitEnd(loop.step(), (System.nanoTime() - start) / 1e9, reason));
      }
    }
  }

  private static TrainedGraph graph(BaseModel base, RunConfig config, FitParts parts) {
    DifferentiableGraph graph = DifferentiableGraph.load(base.graph());
    graph.followStatistics(config.updateBatchNorm());
    graph.freeze(
        config.freeze().equals(List.of("*")) && config.outputDim() != null
            ? allButTheHead(graph)
            : config.freeze());
    return new TrainedGraph(graph, parts.loss(), config.seed());
  }

  /// The head is what is used last; a model that was tuned with one before has two.
  private static List<String> allButTheHead(DifferentiableGraph graph) {
    List<String> names = graph.parameters().stream().map(Parameter::name).toList();
    List<String> heads = names.stream().filter(name -> name.startsWith("projection.")).toList();
    List<String> head = heads.subList(Math.max(0, heads.size() - 2), heads.size());
    return names.stream().filter(name -> !head.contains(name)).toList();
  }

  private Origin origin(BaseModel base, TrainingData data) {
    Map<String, String> hashes = new LinkedHashMap<>();
    hashes.put("train_data", data.sha256());
    base.parent()
        .map(parent -> store.open(parent).artifact().files().get(Artifact.MODEL))
        .ifPresent(hash -> hashes.put("model", hash));
    return new Origin(hashes);
  }

  private static Sampler sampler(TrainingData data, FitParts parts, Consumer<String> notes) {
    Sampler sampler = Sampler.of(data, parts.sampler());
    sampler.notes().forEach(notes);
    return sampler;
  }

  private static Callbacks callbacks(
      RunConfig config,
      FitData data,
      FitParts parts,
      TrainedGraph graph,
      BaseModel.Reader training) {
    TrainingData held = data.validation();
    List<Callback> more =
        held == null
            ? List.of()
            : List.of(
                new ValidationLoss(
                    Sampler.of(held, parts.sampler()), training.collator(), graph::validate));
    return Callbacks.of(config, data::evaluation, more);
  }
}
