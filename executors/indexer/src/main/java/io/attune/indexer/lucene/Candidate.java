package io.attune.indexer.lucene;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.lucene.index.DocValues;
import org.apache.lucene.index.SortedDocValues;
import org.jspecify.annotations.Nullable;

/// A vector that may be among the nearest, and the root it stands for.
///
/// Ordered by distance, ties by the root's id, which is read only where there is a tie.
final class Candidate implements Comparable<Candidate> {
  final Segment segment;

  /// The vector's document in the segment.
  final int document;

  /// Its root in the segment.
  final int root;

  final float distance;
  private @Nullable String id;
  private int ordinal = -1;

  Candidate(Segment segment, int document, int root, float distance) {
    this.segment = segment;
    this.document = document;
    this.root = root;
    this.distance = distance;
  }

  /// The root document's id.
  String id() {
    String known = id;
    if (known == null) {
      known = readId();
      id = known;
    }
    return known;
  }

  private String readId() {
    try {
      return ids().lookupOrd(ordinal()).utf8ToString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The id's place among the segment's ids in order.
  private int ordinal() throws IOException {
    if (ordinal < 0) {
      SortedDocValues ids = ids();
      if (!ids.advanceExact(root)) {
        throw new IllegalStateException("document " + root + " has no id");
      }
      ordinal = ids.ordValue();
    }
    return ordinal;
  }

  private SortedDocValues ids() throws IOException {
    return DocValues.getSorted(segment.reader(), LuceneFields.ID);
  }

  private int compareIds(Candidate other) {
    try {
      return segment.context() == other.segment.context()
          ? Integer.compare(ordinal(), other.ordinal())
          : id().compareTo(other.id());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public int compareTo(Candidate other) {
    int order = Float.compare(distance, other.distance);
    return order != 0 || this == other ? order : compareIds(other);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return this == other;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(this);
  }
}
