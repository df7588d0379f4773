package io.attune.trainer.feedback;

import java.util.Collection;
import java.util.HashSet;
import java.util.Set;

/// Which documents' texts go.
///
/// @param ids of the documents
/// @param all all documents, whatever the ids say
record Erasure(Set<String> ids, boolean all) {
  /// Nothing.
  static final Erasure NONE = new Erasure(Set.of(), false);

  /// Every document.
  static final Erasure ALL = new Erasure(Set.of(), true);

  Erasure {
    ids = Set.copyOf(ids);
  }

  static Erasure of(Collection<String> ids) {
    return new Erasure(Set.copyOf(ids), false);
  }

  boolean has(String id) {
    return all || ids.contains(id);
  }

  boolean isEmpty() {
    return !all && ids.isEmpty();
  }

  /// What either has.
  Erasure and(Erasure other) {
    Set<String> both = new HashSet<>(ids);
    both.addAll(other.ids);
    return new Erasure(both, all || other.all);
  }
}
