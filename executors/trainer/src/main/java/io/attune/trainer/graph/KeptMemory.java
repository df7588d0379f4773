package io.attune.trainer.graph;

import java.util.function.LongSupplier;

/// The memory that the allocator keeps between passes ([TorchEngine#start]). Passes over batches of
/// other lengths lay their arrays elsewhere, so without an end to it a process holds what all of
/// them have touched, half as much again as one pass needs. Where it holds clearly more than one
/// pass has left behind, what is free is given back, and the next pass touches its pages anew.
final class KeptMemory {
  private static final double SLACK = 1.05;

  private final LongSupplier resident;
  private final Runnable trim;
  private long most;
  private boolean isTrimmed = true;

  /// @param resident how much the process holds, in any unit; 0 where that is not known
  /// @param trim gives back what is free
  KeptMemory(LongSupplier resident, Runnable trim) {
    this.resident = resident;
    this.trim = trim;
  }

  void afterPass() {
    long now = resident.getAsLong();
    if (isTrimmed) {
      most = Math.max(most, now);
      isTrimmed = false;
    } else if (now > most * SLACK) {
      trim.run();
      isTrimmed = true;
    }
  }
}
