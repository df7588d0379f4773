package io.attune.trainer.optimizer;

import io.attune.runtime.FlowException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.atomic.AtomicInteger;

/// Updates weights in place from their gradients.
///
/// It works on the very memory of the tensors: per update one pass over weights, gradients and what
/// it remembers (and one more over the gradients where they are clipped), cut into stretches that
/// several threads take. The result does not depend on the number of threads.
///
/// One thread at a time; not while a graph runs.
public final class Optimizer implements AutoCloseable {
  /// torch's `clip_grad_norm_` divides by the norm and this.
  private static final double NORM_EPSILON = 1e-6;

  private final UpdateRule rule;
  private final double learningRate;
  private final double maxGradientNorm;
  private final List<ParameterGroup> groups;
  private final List<Slot> slots = new ArrayList<>();
  private final List<Chunk> chunks;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment[] moments;
  private final Workers workers;
  private long steps;

  Optimizer(
      UpdateRule rule,
      double learningRate,
      double maxGradientNorm,
      List<ParameterGroup> groups,
      int threads) {
    this.rule = rule;
    this.learningRate = learningRate;
    this.maxGradientNorm = maxGradientNorm;
    this.groups = List.copyOf(groups);
    long bytes = 0;
    for (ParameterGroup group : groups) {
      for (Trainable each : group.parameters()) {
        Slot slot = new Slot(each, NativeMemory.of(each.weights(), each.name()), group, bytes);
        slots.add(slot);
        bytes = slot.end();
      }
    }
    this.chunks = Chunk.of(slots);
    this.moments = new MemorySegment[rule.moments()];
    for (int i = 0; i < moments.length; i++) {
      moments[i] = arena.allocate(Math.max(1, bytes), Slot.ALIGNMENT);
    }
    this.workers = new Workers(threads);
  }

  /// Updates all weights once. The gradients stay as they are: clear them before the next backward
  /// pass.
  ///
  /// @param factor what the schedule multiplies the learning rate by
  /// @param accumulated how many backward passes the gradients are the sum of; they are divided by
  ///   it
  /// @throws FlowException where a gradient is not finite, naming the step and the first such
  ///   weight; where gradients are clipped nothing has changed then
  public Update step(double factor, int accumulated) {
    StepGradients gradients = new StepGradients(slots);
    double scale = 1.0 / accumulated;
    long number = steps + 1;
    OptionalDouble norm = OptionalDouble.empty();
    if (maxGradientNorm > 0) {
      double value = gradients.norm(chunks, workers, number) * scale;
      norm = OptionalDouble.of(value);
      scale *= Math.min(1, maxGradientNorm / (value + NORM_EPSILON));
    }
    steps = number;
    float gradientScale = (float) scale;
    AtomicInteger broken = new AtomicInteger(chunks.size());
    workers.run(
        chunks.size(),
        i -> {
          if (maxGradientNorm > 0 || gradients.isFinite(chunks.get(i))) {
            update(chunks.get(i), gradients, factor, gradientScale);
          } else {
            broken.accumulateAndGet(i, Math::min);
          }
        });
    if (broken.get() < chunks.size()) {
      throw gradients.notFinite(chunks.get(broken.get()), number);
    }
    return new Update(steps, learningRate * factor, norm);
  }

  private void update(Chunk chunk, StepGradients gradients, double factor, float gradientScale) {
    MemorySegment gradient = gradients.of(chunk.slot());
    if (gradient == null) {
      return;
    }
    Slot slot = slots.get(chunk.slot());
    ParameterGroup group = slot.group();
    MemorySegment[] remembered = new MemorySegment[moments.length];
    for (int i = 0; i < moments.length; i++) {
      remembered[i] = chunk.of(moments[i], slot.offset());
    }
    rule.update(
        chunk.of(slot.weights(), 0),
        chunk.of(gradient, 0),
        remembered,
        new UpdateRule.Step(
            steps,
            learningRate * factor * group.learningRateScale(),
            group.weightDecay(),
            gradientScale));
  }

  /// How many updates were made.
  public long steps() {
    return steps;
  }

  /// The groups of weights, with what they were given.
  public List<ParameterGroup> groups() {
    return groups;
  }

  /// Writes what the optimiser remembers, bit for bit; not the weights.
  public void save(WritableByteChannel channel) throws IOException {
    new OptimizerState(slots, moments).write(channel, steps);
  }

  /// Goes on from what was [saved][#save].
  ///
  /// @throws FlowException where it is of other weights or of another optimiser; then nothing has
  ///   changed
  public void restore(ReadableByteChannel channel) throws IOException {
    steps = new OptimizerState(slots, moments).read(channel);
  }

  @Override
  public void close() {
    workers.close();
    arena.close();
  }
}
