package io.attune.indexer.generation;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A shard's vectors of one space, with the log position it has applied.
///
/// A change counts only if its sequence is greater than the one held for its id, so that applying
/// the log twice, or a copy that was read earlier, changes nothing. Of one sequence a document
/// counts over a delete: so what could not be embedded, and was deleted for it, may come after all.
/// While tombstones are kept a deleted id still holds its sequence; a generation that is being
/// built keeps them, so that a copy read at m never beats a delete at n > m. Clearing holds its
/// sequence for all ids for good.
///
/// One thread at a time applies and asks what is accepted; any number look at it meanwhile.
public interface Generation extends AutoCloseable {
  /// What the generation was made with.
  GenerationSpec spec();

  /// Applies changes, and answers how many of them counted. They are visible in every view that is
  /// opened after this returns.
  int apply(List<Change> changes) throws IOException;

  /// Whether a document of an id and a sequence would count.
  boolean accepts(String id, long sequence) throws IOException;

  /// Starts or stops keeping tombstones; stopping drops those that are kept.
  void keepTombstones(boolean keep) throws IOException;

  /// The generation as it is now, with everything applied before.
  View view() throws IOException;

  /// Makes everything durable that was applied before the call, under the given log position: the
  /// caller's promise that every record up to it has been applied.
  void commit(long position) throws IOException;

  /// The position of the last commit; 0 before the first.
  long committed();

  /// Whether there is anything that the last commit lacks: changes, or graphs merged since.
  boolean hasUncommitted();

  /// Whether its graphs are being merged in the background. It is searched as well meanwhile, but
  /// the merge takes a core from the searches.
  boolean isMerging();

  /// Whether [#compact] would make searches cheaper.
  default boolean isScattered() {
    return false;
  }

  /// Begins, in the background, to rearrange what is there so that searches cost less; what they
  /// find does not change. Called when nothing has been written for a while. An engine that gains
  /// nothing by it does nothing.
  default void compact() throws IOException {}

  /// Why nothing can be applied and committed any more, such as a disk that was full; null while it
  /// can. What was visible stays so.
  default @Nullable Throwable failure() {
    return null;
  }

  /// Whether views lack something that was applied, as a [#failure] came before it was visible.
  default boolean isStale() {
    return false;
  }

  /// Starts over from the last commit after a [#failure]. What is looked at meanwhile is as it was.
  ///
  /// @param replay applies everything behind the last commit again
  /// @throws IOException where it fails again; it can be tried any number of times
  default void recover(Replay replay) throws IOException {}

  /// Applies to a generation what it has lost.
  @FunctionalInterface
  interface Replay {
    void run() throws IOException;
  }

  /// Releases everything, without a commit. Idempotent.
  @Override
  void close() throws IOException;
}
