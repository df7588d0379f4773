package io.attune.indexer.generation;

import io.attune.document.query.Query;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// Generations in memory that compare with everything: the oracle of the others. A folder keeps
/// what was committed to it for as long as this object lives.
public final class MemoryIndex implements VectorIndex {
  private final Map<Path, State> folders = new ConcurrentHashMap<>();

  private record State(
      TreeMap<String, Change> held, long cleared, boolean tombstones, long position) {
    State copy(long committed) {
      return new State(new TreeMap<>(held), cleared, tombstones, committed);
    }
  }

  @Override
  public Generation create(Path folder, GenerationSpec spec) {
    folders.put(folder, new State(new TreeMap<>(), 0, false, 0));
    return open(folder, spec);
  }

  @Override
  public Generation open(Path folder, GenerationSpec spec) {
    State state = folders.get(folder);
    if (state == null) {
      throw new IllegalStateException("nothing at " + folder);
    }
    return new MemoryGeneration(folder, spec, state.copy(state.position()));
  }

  private final class MemoryGeneration implements Generation {
    private final Path folder;
    private final GenerationSpec spec;
    private State state;

    MemoryGeneration(Path folder, GenerationSpec spec, State state) {
      this.folder = folder;
      this.spec = spec;
      this.state = state;
    }

    @Override
    public GenerationSpec spec() {
      return spec;
    }

    @Override
    public synchronized int apply(List<Change> changes) {
      int counted = 0;
      for (Change change : changes) {
        counted += apply(change) ? 1 : 0;
      }
      return counted;
    }

    private boolean apply(Change change) {
      TreeMap<String, Change> held = state.held();
      if (change.clears()) {
        if (change.sequence() <= state.cleared()) {
          return false;
        }
        state = new State(new TreeMap<>(), change.sequence(), state.tombstones(), state.position());
        return true;
      }
      Change before = held.get(change.id());
      if (change.sequence() <= state.cleared()
          || (before != null && rank(change) <= rank(before))) {
        return false;
      }
      if (change.content() == null && !state.tombstones()) {
        held.remove(change.id());
      } else {
        held.put(change.id(), change);
      }
      return true;
    }

    private static long rank(Change change) {
      return 2 * change.sequence() + (change.content() == null ? 0 : 1);
    }

    @Override
    public synchronized boolean accepts(String id, long sequence) {
      Change before = state.held().get(id);
      return sequence > state.cleared() && (before == null || 2 * sequence + 1 > rank(before));
    }

    @Override
    public synchronized void keepTombstones(boolean keep) {
      if (!keep) {
        state.held().values().removeIf(change -> change.content() == null);
      }
      state = new State(state.held(), state.cleared(), keep, state.position());
    }

    @Override
    public synchronized View view() {
      Map<String, Change> live = new TreeMap<>(state.held());
      live.values().removeIf(change -> change.content() == null);
      return new MemoryView(spec, live);
    }

    @Override
    public synchronized void commit(long position) {
      state = state.copy(position);
      folders.put(folder, state.copy(position));
    }

    @Override
    public long committed() {
      return state.position();
    }

    @Override
    public synchronized boolean hasUncommitted() {
      State durable = folders.get(folder);
      return durable == null || !durable.held().equals(state.held());
    }

    @Override
    public boolean isMerging() {
      return false;
    }

    @Override
    public void close() {}
  }

  private record MemoryView(GenerationSpec spec, Map<String, Change> live) implements View {
    @Override
    public SearchAnswer search(
        List<float[]> queries, SearchOptions options, Runnable ensureWanted) {
      ensureWanted.run();
      return new SearchAnswer(
          queries.stream().map(query -> search(query, options)).toList(),
          vectors() * queries.size());
    }

    private List<Hit> search(float[] query, SearchOptions options) {
      List<Hit> hits = new ArrayList<>();
      for (Change change : live.values()) {
        Content content = content(change);
        if (!accepts(options.filter(), content)) {
          continue;
        }
        content.units().stream()
            .filter(unit -> options.depths().isEmpty() || options.depths().contains(unit.depth()))
            .map(unit -> hit(change.id(), content, unit, query, options))
            .min(Comparator.comparingDouble(Hit::distance))
            .filter(hit -> hit.distance() <= options.threshold())
            .ifPresent(hits::add);
      }
      hits.sort(Hit.ORDER);
      return hits.subList(
          Math.min(options.offset(), hits.size()), Math.min(options.wanted(), hits.size()));
    }

    private Hit hit(String id, Content content, Unit unit, float[] query, SearchOptions options) {
      return new Hit(
          id,
          unit.path(),
          spec.metric().distance(query, unit.vector()),
          options.includeEmbeddings() ? content : new Content(content.source(), List.of()));
    }

    @Override
    public List<Content> filter(
        @Nullable Query filter, int offset, int limit, Runnable ensureWanted) {
      ensureWanted.run();
      return live.values().stream()
          .map(MemoryView::content)
          .filter(content -> accepts(filter, content))
          .skip(offset)
          .limit(limit)
          .toList();
    }

    private static boolean accepts(@Nullable Query filter, Content content) {
      return filter == null || filter.matches(content.toDocument("any"));
    }

    private static Content content(Change change) {
      Content content = change.content();
      if (content == null) {
        throw new IllegalStateException(change.id() + " is deleted");
      }
      return content;
    }

    @Override
    public Optional<Content> find(String id) {
      return Optional.ofNullable(live.get(id)).map(MemoryView::content);
    }

    @Override
    public boolean contains(String id) {
      return live.containsKey(id);
    }

    @Override
    public long documents() {
      return live.size();
    }

    @Override
    public long vectors() {
      return live.values().stream().mapToLong(change -> content(change).units().size()).sum();
    }

    @Override
    public void forEach(Wanted wanted, Visitor visitor) throws java.io.IOException {
      for (Change change : live.values()) {
        if (wanted.wants(change.id(), change.sequence())) {
          visitor.visit(change.sequence(), content(change));
        }
      }
    }

    @Override
    public void close() {}
  }
}
