package io.attune.indexer;

import io.attune.indexer.generation.Change;
import io.attune.indexer.generation.View;
import io.attune.indexer.log.LogRecord;
import java.io.IOException;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// What a [Follower] sees of its shard.
interface Feed {
  /// A snapshot of the generation that others are copied from, with everything up to a position
  /// that was asked for before.
  View snapshot() throws IOException;

  /// The last sequence that is applied to the generations of its own space.
  long applied();

  /// The last sequence of the log.
  long lastSequence();

  /// Does something between two writes, and answers the last sequence of the log then.
  long betweenWrites(Runnable action);

  /// The applied records behind a position that are in memory, at most so many; null where the
  /// first of them is not.
  @Nullable List<LogRecord> recent(long position, int most);

  /// Waits for records behind a position.
  ///
  /// @param isCancelled whether that is not wanted any more; looked at again after [#wake]
  void await(long position, BooleanSupplier isCancelled);

  /// Lets whoever waits look whether it is still wanted.
  void wake();

  /// Reads the log from a sequence on.
  void replay(long fromSequence, Consumer<LogRecord> consumer) throws IOException;

  /// Applies changes to the follower's generation.
  void apply(List<Change> changes) throws IOException;

  /// Whether a document of an id and sequence would count in the follower's generation.
  boolean accepts(String id, long sequence) throws IOException;

  /// Commits the follower's generation.
  void commit(long position) throws IOException;

  /// Whether no more documents are missing than may be.
  boolean isComplete();

  /// Says that the follower's generation holds what the log held, for the first time since it was
  /// opened or begun.
  void built() throws IOException;
}
