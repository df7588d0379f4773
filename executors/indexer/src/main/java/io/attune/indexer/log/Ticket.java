package io.attune.indexer.log;

import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/// The promise of one append: fulfilled when its records are synced and applied.
public final class Ticket {
  private final long firstSequence;
  private final long lastSequence;
  private final CompletableFuture<Boolean> applied;

  Ticket(long firstSequence, long lastSequence, CompletableFuture<Boolean> applied) {
    this.firstSequence = firstSequence;
    this.lastSequence = lastSequence;
    this.applied = applied;
  }

  CompletableFuture<Boolean> applied() {
    return applied;
  }

  /// The sequence of the first record; means something only once [#awaitApplied] has returned.
  public long firstSequence() {
    return firstSequence;
  }

  /// The sequence of the last record, one less than the first where nothing was appended.
  public long lastSequence() {
    return lastSequence;
  }

  /// Blocks until the records are durable and visible to every search that starts from now on.
  ///
  /// @throws FlowException RESOURCE_EXHAUSTED where there is no space, and nothing was recorded;
  ///   UNAVAILABLE where writing or syncing failed and it is not known whether a restart will find
  ///   the records; CANCELLED where the waiting thread was interrupted, and the records may still
  ///   be stored
  public void awaitApplied() {
    try {
      applied.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new FlowException(
          ErrorCode.CANCELLED, "write: interrupted while it waited (it may still be stored)", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof FlowException cause) {
        throw new FlowException(cause.code(), String.valueOf(cause.getMessage()), cause);
      }
      throw new FlowException(ErrorCode.INTERNAL, "write: " + e.getCause(), e);
    }
  }
}
