package io.attune.indexer;

import io.attune.document.Document;
import io.attune.indexer.generation.Generation;
import io.attune.indexer.generation.View;
import io.attune.indexer.log.IndexLog;
import io.attune.proto.attune.RolloutState;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Decides which generation a vector belongs to, and refuses vectors of a space or dimension that
/// the index does not hold. The first write of an empty index makes its generation, unless it comes
/// from a version that the last rollout has left behind: then those that follow could not come in.
final class Admission {
  private final IndexerConfig config;
  private final IndexLog records;
  private final Generations generations;
  private final Applier applier;
  private final Followers followers;

  /// Spaces that are on their way out; looked at and changed by one writer at a time.
  private final Set<String> leaving = new HashSet<>();

  Admission(
      IndexerConfig config,
      IndexLog records,
      Generations generations,
      Applier applier,
      Followers followers) {
    this.config = config;
    this.records = records;
    this.generations = generations;
    this.applier = applier;
    this.followers = followers;
  }

  /// Refuses writes of a space from now on, and answers the last sequence that may be of it. Like
  /// [#admit] for one writer at a time.
  long refuse(String space) {
    leaving.add(space);
    return records.lastSequence();
  }

  /// Takes writes of a space again, as far as there is a generation for them.
  void stays(String space) {
    leaving.remove(space);
  }

  /// The checks of vectors, for a request that may name the space of unmarked ones.
  Vectors vectors(String unmarkedSpace) {
    return new Vectors(config.metric(), unmarkedSpace.isEmpty() ? config.space() : unmarkedSpace);
  }

  /// Checks what can be checked of documents without the index; unmarked vectors are marked.
  List<Vectors.Checked> check(List<Document> documents, String unmarkedSpace) {
    Vectors vectors = vectors(unmarkedSpace);
    return documents.stream().map(vectors::document).toList();
  }

  /// Compares documents with the generations; an empty index takes the space and dimension of the
  /// first. For one writer at a time, which holds back all others until its records are appended.
  void admit(List<Document> documents, List<Vectors.Checked> checked) {
    try {
      if (!checked.isEmpty() && !holds(checked.getFirst())) {
        begin(documents, checked);
      }
    } catch (IOException e) {
      throw new FlowException(
          ErrorCode.UNAVAILABLE, "index: no generation could be made: " + e.getMessage(), e);
    }
    for (int i = 0; i < checked.size(); i++) {
      String name = name(documents.get(i));
      Generation generation = generations.of(checked.get(i).space());
      if (generation == null || leaving.contains(checked.get(i).space())) {
        throw unknownSpace(name, checked.get(i).space());
      }
      requireDimension(checked.get(i), name);
    }
  }

  private boolean holds(Vectors.Checked vector) {
    Generation generation = generations.of(vector.space());
    return generation != null && generation.spec().dimension() == vector.vector().length;
  }

  private void begin(List<Document> documents, List<Vectors.Checked> checked) throws IOException {
    Vectors.Checked first = checked.getFirst();
    Rollout rollout = generations.manifest().rollout();
    if (rollout != null && rollout.isBetween(first.space())) {
      if (generations.of(first.space()) == null) {
        followers.begin(rollout.command(), first.space(), first.vector().length);
      }
    } else if (isEmpty() && (rollout == null || !rollout.shuns(first.space()))) {
      beginAlone(documents, checked);
    }
  }

  private void beginAlone(List<Document> documents, List<Vectors.Checked> checked)
      throws IOException {
    Vectors.Checked first = checked.getFirst();
    String space = config.space().isEmpty() ? first.space() : config.space();
    int dimension = config.dimension() == 0 ? first.vector().length : config.dimension();
    for (int i = 0; i < checked.size(); i++) {
      String name = name(documents.get(i));
      if (!checked.get(i).space().equals(space)) {
        throw FlowException.invalid(
            "%s: embedding of space %s (expected: %s, as the index has one space)"
                .formatted(name, checked.get(i).space(), space));
      }
      Vectors.requireDimension(name, checked.get(i).vector().length, dimension);
    }
    generations.exclusively(() -> {
      if (isEmpty()) { // a rollout may have begun meanwhile
        generations.replace(space, dimension, records.lastSequence());
      }
    });
  }

  private static String name(Document document) {
    return "document " + document.id();
  }

  private boolean isEmpty() throws IOException {
    return generations.all().isEmpty()
        || (generations.all().size() == 1
            && applier.applied() == records.lastSequence()
            && generations.documents() == 0);
  }

  /// UNAVAILABLE where a rollout has left the space behind: the request was under way for too long,
  /// and comes through when it is sent again.
  private FlowException unknownSpace(String name, String space) {
    Rollout rollout = generations.manifest().rollout();
    boolean isLeft = rollout != null && rollout.shuns(space);
    String held = config.space();
    if (!generations.all().isEmpty()) {
      held = generations.spaces();
    } else if (rollout != null) {
      held = rollout.state() == RolloutState.RETIRED ? rollout.to() : rollout.from();
    }
    return new FlowException(
        isLeft ? ErrorCode.UNAVAILABLE : ErrorCode.INVALID_ARGUMENT,
        "%s: embedding of space %s (expected: %s, which the index holds)"
            .formatted(name, space, held));
  }

  /// The documents of a query's space, with all that was acknowledged before; empty while nothing
  /// was ever indexed.
  ///
  /// @param ensureWanted throws where nobody waits for the answer any more
  /// @throws FlowException where the index holds other spaces, or another dimension; UNAVAILABLE
  ///   where the generation lacks something, and does not get it soon
  Optional<View> view(Vectors.Checked query, String name, Runnable ensureWanted)
      throws IOException {
    Generation generation = generations.of(query.space());
    if (generation == null) {
      if (generations.all().isEmpty()
          && (config.space().isEmpty() || config.space().equals(query.space()))) {
        return Optional.empty();
      }
      throw unknownSpace(name, query.space());
    }
    Vectors.requireDimension(name, query.vector().length, generation.spec().dimension());
    requireSearchable(query.space(), ensureWanted);
    View view = fresh(query.space());
    if (view == null) {
      throw unknownSpace(name, query.space());
    }
    return Optional.of(view);
  }

  /// What the live generation holds.
  ///
  /// @param space its space
  /// @param view closed with this
  record Live(String space, View view) implements AutoCloseable {
    @Override
    public void close() throws IOException {
      view.close();
    }
  }

  /// The documents of the live generation, with all that was acknowledged before; empty while there
  /// is none.
  ///
  /// @param ensureWanted throws where nobody waits for the answer any more
  /// @throws FlowException UNAVAILABLE where it lacks something, and does not get it soon
  Optional<Live> live(Runnable ensureWanted) throws IOException {
    Generation live = generations.live();
    if (live == null) {
      return Optional.empty();
    }
    String space = live.spec().space();
    requireSearchable(space, ensureWanted);
    View view = fresh(space);
    if (view == null) {
      throw new FlowException(
          ErrorCode.UNAVAILABLE,
          "index: space %s has just gone (expected: to be asked again)".formatted(space));
    }
    return Optional.of(new Live(space, view));
  }

  /// A view with all that was acknowledged, also where the generation failed before that was
  /// visible: as long as it can be recovered.
  private @Nullable View fresh(String space) throws IOException {
    View view = generations.view(space);
    Generation generation = generations.of(space);
    if (view == null
        || generation == null
        || !generation.isStale()
        || !applier.recoverForSearch(records)) {
      return view;
    }
    view.close();
    return generations.view(space);
  }

  private void requireSearchable(String space, Runnable ensureWanted) {
    if (!followers.awaitSearchable(space, ensureWanted) && generations.of(space) != null) {
      throw new FlowException(
          ErrorCode.UNAVAILABLE,
          "space: %s does not hold all documents yet (expected: a generation that is READY; try again later)"
              .formatted(space));
    }
  }

  /// Refuses a query of another dimension than its space's.
  void requireDimension(Vectors.Checked query, String name) {
    Generation generation = generations.of(query.space());
    if (generation != null) {
      Vectors.requireDimension(name, query.vector().length, generation.spec().dimension());
    }
  }
}
