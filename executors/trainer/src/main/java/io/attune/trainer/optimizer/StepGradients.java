package io.attune.trainer.optimizer;

import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.jspecify.annotations.Nullable;

/// The gradients of all trained tensors in one step.
final class StepGradients {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;

  private final List<Slot> slots;
  private final List<@Nullable MemorySegment> memory = new ArrayList<>();

  /// Takes hold of them. A tensor that no loss has reached yet has none.
  StepGradients(List<Slot> slots) {
    this.slots = slots;
    for (Slot slot : slots) {
      memory.add(
          slot.parameter()
              .gradient()
              .get()
              .map(gradient -> NativeMemory.of(gradient, slot.name()))
              .orElse(null));
    }
  }

  /// The gradient of a tensor, by its place; null where it has none.
  @Nullable MemorySegment of(int slot) {
    return memory.get(slot);
  }

  /// The Euclidean norm of all gradients together. It is summed by blocks in a fixed order, so that
  /// it does not depend on the number of threads.
  ///
  /// @throws FlowException where it is not finite, naming a tensor
  double norm(List<Chunk> chunks, Workers workers, long step) {
    double[] squares = new double[chunks.size()];
    workers.run(chunks.size(), i -> squares[i] = squares(chunks.get(i)));
    double sum = 0;
    for (int i = 0; i < squares.length; i++) {
      sum += squares[i];
      if (!Double.isFinite(sum)) {
        throw notFinite(chunks.get(i), step);
      }
    }
    return Math.sqrt(sum);
  }

  /// Whether a stretch has neither infinite numbers nor what is no number.
  boolean isFinite(Chunk chunk) {
    return Double.isFinite(squares(chunk));
  }

  /// @param step the update that is not made, from 1
  FlowException notFinite(Chunk chunk, long step) {
    return new FlowException(
        ErrorCode.FAILED_PRECONDITION,
        "gradient: not finite at %s in step %d (expected: finite; try a smaller learning_rate)"
            .formatted(slots.get(chunk.slot()).name(), step));
  }

  private double squares(Chunk chunk) {
    MemorySegment whole = memory.get(chunk.slot());
    if (whole == null) {
      return 0;
    }
    MemorySegment gradient = chunk.of(whole, 0);
    double total = 0;
    float[] lanes = new float[SPECIES.length()];
    long block = 256L * SPECIES.vectorByteSize();
    for (long at = 0; at < gradient.byteSize(); at += block) {
      total += squares(gradient.asSlice(at, Math.min(block, gradient.byteSize() - at)), lanes);
    }
    return total;
  }

  private static double squares(MemorySegment block, float[] lanes) {
    FloatVector sum = FloatVector.zero(SPECIES);
    long at = 0;
    for (; at + SPECIES.vectorByteSize() <= block.byteSize(); at += SPECIES.vectorByteSize()) {
      FloatVector g = FloatVector.fromMemorySegment(SPECIES, block, at, ByteOrder.nativeOrder());
      sum = g.fma(g, sum);
    }
    sum.intoArray(lanes, 0);
    double total = 0;
    for (float lane : lanes) {
      total += lane; // in this order, which that of reduceLanes is not
    }
    for (; at < block.byteSize(); at += Float.BYTES) {
      double g = block.get(ValueLayout.JAVA_FLOAT, at);
      total += g * g;
    }
    return total;
  }
}
