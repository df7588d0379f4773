package io.attune.trainer.fit;

import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.trainer.data.Dataset;
import io.attune.trainer.data.Supervision;
import io.attune.trainer.data.sampler.SamplerOptions;
import io.attune.trainer.loss.Loss;
import io.attune.trainer.loss.LossChoice;
import io.attune.trainer.loss.Losses;
import io.attune.trainer.miner.Miner;
import io.attune.trainer.miner.Miners;
import io.attune.trainer.optimizer.Optimizer;
import io.attune.trainer.optimizer.OptimizerChoice;
import io.attune.trainer.optimizer.Optimizers;
import io.attune.trainer.optimizer.Schedule;
import io.attune.trainer.optimizer.Schedules;
import io.attune.trainer.optimizer.Trainable;
import io.attune.trainer.run.CallbackConfig;
import io.attune.trainer.run.Chosen;
import io.attune.trainer.run.RunConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The parts of a run that a configuration chooses by name: loss, miner, optimiser, schedule and
/// sampler.
public final class FitParts {
  private final RunConfig config;
  private final Map<String, @Nullable Object> optimizerOptions;

  private FitParts(RunConfig config) {
    this.config = config;
    this.optimizerOptions = new LinkedHashMap<>(config.optimizer().options());
    optimizerOptions.put("learning_rate", config.learningRate());
    optimizerOptions.put("max_grad_norm", config.maxGradNorm());
  }

  /// The parts, each checked with its options: what is unknown or impossible is refused here,
  /// before anything is read.
  ///
  /// @throws FlowException naming what is near
  public static FitParts of(RunConfig config) {
    FitParts parts = new FitParts(config);
    var _ = parts.loss();
    var _ = parts.optimizer().check(parts.optimizerOptions);
    requireSupported(config);
    config.trainData().forEach(file -> requireFile("train_data", file));
    config.evalData().forEach(file -> requireFile("eval_data", file));
    for (CallbackConfig callback : config.callbacks()) {
      if (callback instanceof CallbackConfig.Evaluation evaluation) {
        requireFile("eval_queries", evaluation.queryData());
        if (evaluation.indexData() != null) {
          requireFile("eval_index", evaluation.indexData());
        }
      }
    }
    return parts;
  }

  private static void requireSupported(RunConfig config) {
    if (!config.device().equals("cpu")) {
      throw FlowException.invalid(
          "device: " + config.device() + " (expected: cpu; this build has no other engine)");
    }
  }

  private static void requireFile(String name, String file) {
    if (!Files.isRegularFile(Path.of(file))) {
      throw new FlowException(
          ErrorCode.NOT_FOUND, "%s: %s is not there (expected: a file)".formatted(name, file));
    }
  }

  private OptimizerChoice optimizer() {
    return Optimizers.catalog().named(config.optimizer().name());
  }

  Loss loss() {
    Chosen miner = config.miner();
    Miner chosen =
        miner == null ? null : Miners.catalog().named(miner.name()).make(miner.options());
    return lossChoice().make(config.loss().options(), chosen);
  }

  private LossChoice lossChoice() {
    return Losses.catalog().named(config.loss().name());
  }

  /// Refuses data that the loss cannot learn from.
  ///
  /// @throws FlowException naming the losses that can
  public void require(Dataset dataset) {
    lossChoice()
        .require(
            switch (dataset) {
              case Dataset.Classes _ -> Supervision.Labels.class;
              case Dataset.Sessions _ -> Supervision.Sessions.class;
              case Dataset.ScoredPairs _ -> Supervision.Scores.class;
            });
    if (dataset instanceof Dataset.Sessions sessions
        && "session".equals(config.loss().options().get("negatives"))
        && !hasNegative(sessions.roles())) {
      throw FlowException.invalid(
          "loss_options.negatives: session, and no session has one (expected: batch, which takes"
              + " the items of other sessions, or data with negatives)");
    }
  }

  private static boolean hasNegative(byte... roles) {
    for (byte role : roles) {
      if (role == Supervision.Sessions.NEGATIVE) {
        return true;
      }
    }
    return false;
  }

  Optimizer optimizer(List<Trainable> weights) {
    return optimizer().make(optimizerOptions, weights, config.threads());
  }

  Schedule schedule(long updates) {
    return Schedules.catalog()
        .named(config.scheduler().name())
        .make(config.scheduler().options(), updates);
  }

  /// How batches are made.
  SamplerOptions sampler() {
    SamplerOptions options = SamplerOptions.of(config.batchSize()).withSeed(config.seed());
    Integer perClass = config.numItemsPerClass();
    return perClass == null ? options : options.withItemsPerClass(perClass);
  }
}
