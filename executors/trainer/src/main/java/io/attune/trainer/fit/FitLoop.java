package io.attune.trainer.fit;

import io.attune.document.Document;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.trainer.callback.Callbacks;
import io.attune.trainer.callback.Fit;
import io.attune.trainer.callback.Pace;
import io.attune.trainer.data.collation.BatchFeed;
import io.attune.trainer.data.collation.Collator;
import io.attune.trainer.data.collation.EncodedStep;
import io.attune.trainer.data.sampler.Sampler;
import io.attune.trainer.optimizer.Optimizer;
import io.attune.trainer.optimizer.Schedule;
import io.attune.trainer.optimizer.Trainable;
import io.attune.trainer.optimizer.Update;
import io.attune.trainer.run.Checkpoint;
import io.attune.trainer.run.Measured;
import io.attune.trainer.run.ProgressEvent;
import io.attune.trainer.run.ProgressListener;
import io.attune.trainer.run.RunConfig;
import io.attune.trainer.run.RunFolder;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Epochs of steps. What is random in a step follows from (seed, epoch, step) alone, so a loop that
/// goes on from a checkpoint makes the very steps that one without an end would have made.
final class FitLoop implements Fit, AutoCloseable {
  private static final String OPTIMIZER = "optimizer";
  private static final String WITHIN_EPOCH = "epoch";

  private final RunConfig config;
  private final RunFolder folder;
  private final ProgressListener listener;
  private final TrainedGraph graph;
  private final Origin origin;
  private final Sampler sampler;
  private final Collator trainingCollator;
  private final Collator servingCollator;
  private final Optimizer optimizer;
  private final Schedule schedule;
  private final long totalSteps;
  private final Pace pace = new Pace(System::nanoTime);
  private final List<Measured> history = new ArrayList<>();
  private int epoch;
  private long step;

  /// Of the epoch that is not done: its batches so far, and the sum of their losses.
  private int batches;

  private double losses;
  private @Nullable String stopped;

  FitLoop(
      RunConfig config,
      RunFolder folder,
      ProgressListener listener,
      FitParts parts,
      TrainedGraph graph,
      Origin origin,
      Sampler sampler,
      Collator trainingCollator,
      Collator servingCollator) {
    this.config = config;
    this.folder = folder;
    this.listener = listener;
    this.graph = graph;
    this.origin = origin;
    this.sampler = sampler;
    this.trainingCollator = trainingCollator;
    this.servingCollator = servingCollator;
    this.totalSteps = totalSteps(config, sampler);
    this.schedule = parts.schedule(totalSteps);
    this.optimizer = parts.optimizer(Trainable.of(graph.graph().parameters()));
  }

  private static long totalSteps(RunConfig config, Sampler sampler) {
    long perEpoch = Math.ceilDiv(sampler.batchesPerEpoch(), config.gradientAccumulationSteps());
    long all = perEpoch * config.epochs();
    Long most = config.maxSteps();
    return most == null ? all : Math.min(all, most);
  }

  /// Trains to the end.
  ///
  /// @return why it ended
  String run(Callbacks callbacks) {
    try {
      return train(callbacks);
    } catch (RuntimeException | Error failure) {
      callbacks.exception(this, failure);
      throw failure;
    }
  }

  private String train(Callbacks callbacks) {
    resume(callbacks);
    listener.on(new ProgressEvent.FitBegin(step, config.epochs(), totalSteps));
    callbacks.fitBegin(this);
    if (epoch == 0 && history.isEmpty()) {
      measure(callbacks, 0, Map.of());
    }
    while (epoch < config.epochs() && step < totalSteps && stopped == null) {
      callbacks.epochBegin(this, epoch + 1);
      double trainLoss = epoch(callbacks);
      epoch++;
      measure(callbacks, epoch, Map.of("train_loss", trainLoss));
    }
    callbacks.fitEnd(this);
    if (stopped != null) {
      return stopped;
    }
    return epoch < config.epochs() ? "max_steps" : "epochs";
  }

  private void resume(Callbacks callbacks) {
    folder
        .checkpoints()
        .latest(config, refused -> listener.on(new ProgressEvent.Message(step, refused)))
        .ifPresent(checkpoint -> {
          origin.require(checkpoint);
          restore(checkpoint);
          restoreOptimizer(checkpoint);
          restoreEpoch(checkpoint);
          epoch = checkpoint.epoch();
          step = checkpoint.step();
          history.addAll(checkpoint.history());
          callbacks.restore(this, List.copyOf(history));
        });
  }

  /// One epoch of updates, or the rest of it; its mean loss.
  private double epoch(Callbacks callbacks) {
    pace.restart();
    try (BatchFeed feed = BatchFeed.start(sampler.epoch(epoch), batches, trainingCollator)) {
      while (feed.hasNext() && step < totalSteps) {
        double sum = 0;
        int items = 0;
        int accumulated = 0;
        while (accumulated < config.gradientAccumulationSteps() && feed.hasNext()) {
          EncodedStep batch = feed.next();
          sum += graph.train(batch, epoch, batch.step());
          items += batch.batch().size();
          accumulated++;
        }
        losses += sum;
        batches += accumulated;
        update(callbacks, sum / accumulated, items, accumulated);
        Long every = config.checkpointEvery();
        if (every != null && step % every == 0 && feed.hasNext() && step < totalSteps) {
          folder.sync();
          folder.checkpoints().saveWithin(checkpoint());
        }
      }
    }
    double mean = losses / batches;
    if (losses == 0) {
      listener.on(
          new ProgressEvent.Message(
              step,
              "warning: every loss of epoch %d is 0, so that nothing was learned (expected: a larger batch_size or margin, or other negatives)"
                  .formatted(epoch + 1)));
    }
    losses = 0;
    batches = 0;
    return mean;
  }

  private void update(Callbacks callbacks, double loss, int items, int accumulated) {
    Update update = optimizer.step(schedule.factor(step), accumulated);
    graph.graph().clearGradients();
    step++;
    pace.step(items);
    ProgressEvent.Step event =
        new ProgressEvent.Step(
            step,
            epoch + 1,
            loss,
            update.learningRate(),
            pace.itemsPerSecond(),
            pace.secondsFor(totalSteps - step));
    listener.on(event);
    callbacks.stepEnd(this, event);
  }

  private void measure(Callbacks callbacks, int done, Map<String, Double> losses) {
    Map<String, Double> values = new LinkedHashMap<>(losses);
    values.putAll(callbacks.measure(this, done));
    Measured measured = new Measured(done, step, values);
    history.add(measured);
    if (done > 0) {
      listener.on(new ProgressEvent.EpochEnd(step, done, values));
    }
    callbacks.epochEnd(this, measured);
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
    return listener;
  }

  @Override
  public int epoch() {
    return epoch;
  }

  @Override
  public long step() {
    return step;
  }

  @Override
  public float[][] embed(List<Document> documents, boolean queries, int batchSize) {
    return graph.embed(servingCollator, documents, queries, batchSize);
  }

  @Override
  public Map<String, float[]> pretrained() {
    return graph.pretrained();
  }

  @Override
  public Checkpoint checkpoint() {
    ByteBuffer within = ByteBuffer.allocate(Integer.BYTES + Double.BYTES);
    within.putInt(batches).putDouble(losses);
    Map<String, Checkpoint.Part> parts = new LinkedHashMap<>();
    parts.put(OPTIMIZER, optimizer::save);
    parts.put(Origin.PART, origin.part());
    parts.put(WITHIN_EPOCH, channel -> channel.write(within.duplicate().flip()));
    return new Checkpoint(epoch, step, config.hash(), graph.weights(), parts, history);
  }

  private void restoreOptimizer(Checkpoint checkpoint) {
    Checkpoint.Part part = Objects.requireNonNull(checkpoint.parts().get(OPTIMIZER), OPTIMIZER);
    try (ReadableByteChannel state = part.open()) {
      optimizer.restore(state);
    } catch (IOException e) {
      throw new FlowException(ErrorCode.INTERNAL, "optimizer state: " + e.getMessage(), e);
    }
  }

  private void restoreEpoch(Checkpoint checkpoint) {
    Checkpoint.Part part =
        Objects.requireNonNull(checkpoint.parts().get(WITHIN_EPOCH), WITHIN_EPOCH);
    try (DataInputStream within = new DataInputStream(Channels.newInputStream(part.open()))) {
      batches = within.readInt();
      losses = within.readDouble();
    } catch (IOException e) {
      throw new FlowException(ErrorCode.INTERNAL, "checkpoint: " + e.getMessage(), e);
    }
  }

  @Override
  public void restore(Checkpoint checkpoint) {
    graph.restore(checkpoint.weights());
  }

  @Override
  public void stop(String reason) {
    stopped = reason;
  }

  @Override
  public void close() {
    optimizer.close();
  }
}
