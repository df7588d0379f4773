package io.attune.trainer.data.sampler;

import io.attune.trainer.data.Batch;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.IntFunction;

/// The batches of one epoch. A batch's documents are read when it is asked for.
public final class Epoch implements Iterable<Batch> {
  private final int number;
  private final int size;
  private final IntFunction<Batch> batches;

  Epoch(int number, int size, IntFunction<Batch> batches) {
    this.number = number;
    this.size = size;
    this.batches = batches;
  }

  /// Which epoch, from 0.
  public int number() {
    return number;
  }

  /// How many batches.
  public int size() {
    return size;
  }

  /// A batch; the same one each time.
  ///
  /// @param step from 0 below [#size()]
  public Batch batch(int step) {
    if (step < 0 || step >= size) {
      throw new IndexOutOfBoundsException("step: " + step + " (expected: 0.." + (size - 1) + ")");
    }
    return batches.apply(step);
  }

  @Override
  public Iterator<Batch> iterator() {
    return from(0);
  }

  /// The batches from a step on.
  public Iterator<Batch> from(int firstStep) {
    return new Iterator<>() {
      private int step = firstStep;

      @Override
      public boolean hasNext() {
        return step < size;
      }

      @Override
      public Batch next() {
        if (!hasNext()) {
          throw new NoSuchElementException("step " + step);
        }
        return batch(step++);
      }
    };
  }
}
