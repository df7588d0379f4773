package io.attune.indexer.generation;

import io.attune.document.query.Query;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A generation at one moment: later changes do not show. For use by one thread; to be closed.
public interface View extends AutoCloseable {
  /// The nearest documents of each query vector.
  ///
  /// @param ensureWanted throws where nobody waits for the answer any more; called now and then
  SearchAnswer search(List<float[]> queries, SearchOptions options, Runnable ensureWanted)
      throws IOException;

  /// The nearest documents of each query vector, however long it takes.
  default SearchAnswer search(List<float[]> queries, SearchOptions options) throws IOException {
    return search(queries, options, () -> {});
  }

  /// The documents that a filter accepts, in order of their ids.
  ///
  /// @param filter null for all documents
  /// @param offset how many to pass over
  /// @param limit how many to answer at most
  /// @param ensureWanted throws where nobody waits for the answer any more; called now and then
  List<Content> filter(@Nullable Query filter, int offset, int limit, Runnable ensureWanted)
      throws IOException;

  /// The documents that a filter accepts, in order of their ids, however long it takes.
  default List<Content> filter(@Nullable Query filter, int offset, int limit) throws IOException {
    return filter(filter, offset, limit, () -> {});
  }

  /// The document of an id.
  Optional<Content> find(String id) throws IOException;

  /// Whether a document is there.
  boolean contains(String id) throws IOException;

  /// How many documents there are.
  long documents() throws IOException;

  /// How many vectors there are.
  long vectors() throws IOException;

  /// Hands every document with its sequence to a visitor, in no order.
  default void forEach(Visitor visitor) throws IOException {
    forEach((_, _) -> true, visitor);
  }

  /// Hands every document that is wanted to a visitor, in no order; the others are not read. This
  /// is the snapshot that another generation is built from.
  void forEach(Wanted wanted, Visitor visitor) throws IOException;

  @Override
  void close() throws IOException;

  /// Chooses documents of a snapshot by their ids and sequences.
  @FunctionalInterface
  interface Wanted {
    boolean wants(String id, long sequence) throws IOException;
  }

  /// Receives the documents of a snapshot.
  @FunctionalInterface
  interface Visitor {
    void visit(long sequence, Content content) throws IOException;
  }
}
