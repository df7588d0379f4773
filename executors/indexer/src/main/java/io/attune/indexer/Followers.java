package io.attune.indexer;

import io.attune.indexer.generation.Change;
import io.attune.indexer.generation.Generation;
import io.attune.indexer.generation.View;
import io.attune.indexer.log.IndexLog;
import io.attune.indexer.log.LogRecord;
import io.attune.indexer.log.RecentRecords;
import io.attune.indexer.reembed.Embedder;
import io.attune.indexer.reembed.Embedders;
import io.attune.proto.attune.MoveRequest;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.ModelVersion;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/// The followers of a shard's generations, one for each while there are two spaces, and what they
/// need of the shard. Started and stopped by one thread at a time; asked by all.
final class Followers implements AutoCloseable {
  private static final long RECENT_BYTES = 16L << 20;

  private final Generations generations;
  private final IndexLog records;
  private final Applier applier;
  private final Embedders embedders;
  private final Committer committer;
  private final Follower.Pace pace;
  private final Object writing;
  private final Throttle throttle;
  private final Map<String, Running> bySpace = new ConcurrentHashMap<>();
  private volatile @Nullable RecentRecords recent;
  private volatile Allowed allowed = new Allowed(0, OwnVectors.REFUSE);

  /// Commits a generation, unless the shard is closed.
  interface Committer {
    void commit(Generation generation, long position) throws IOException;
  }

  /// A follower, and what goes with it.
  record Running(Follower follower, Embedder embedder, Missing missing, OwnVectors own)
      implements AutoCloseable {
    @Override
    public void close() {
      follower.close();
      embedder.close();
    }
  }

  /// @param writing held by a write from its checks until it has its place in the log
  Followers(
      Generations generations,
      IndexLog records,
      Applier applier,
      Embedders embedders,
      Committer committer,
      Follower.Pace pace,
      Object writing) {
    this.generations = generations;
    this.records = records;
    this.applier = applier;
    this.embedders = embedders;
    this.committer = committer;
    this.pace = pace;
    this.writing = writing;
    this.throttle = new Throttle();
  }

  Throttle throttle() {
    return throttle;
  }

  /// Makes a generation of another space beside those that are there, which held all documents
  /// alone until now, and follows with all of them. They keep tombstones from now on, as records
  /// will come out of order. An index that has none yet gets one of the old space, too: what is
  /// written in the new one must be there if the rollout is taken back.
  void begin(MoveRequest rollout, String space, int dimension) throws IOException {
    options(rollout);
    generations.exclusively(() -> {
      if (generations.all().isEmpty()) {
        generations.add(
            rollout.getFromSpace(), MoveCheck.fromDimension(rollout), applier.applied(), true);
      }
      if (generations.of(space) != null) {
        return; // a write of the space and a command may both want it
      }
      long applied = applier.applied();
      boolean isEmpty = generations.documents() == 0;
      List<Generation> others = generations.all();
      generations.add(space, dimension, applied, isEmpty);
      if (recent == null) {
        recent = applier.keepRecent(RECENT_BYTES);
      }
      for (Generation each : others) {
        follow(each, rollout, applied);
      }
      resume(rollout);
    });
  }

  /// Follows with every generation of the rollout that has no follower yet, from where it was
  /// committed. One that is [#park]ed is left alone once the rollout is over.
  void resume(MoveRequest rollout) throws IOException {
    options(rollout);
    generations.exclusively(() -> {
      if (recent == null) {
        recent = applier.keepRecent(RECENT_BYTES);
      }
      for (Generation each : generations.all()) {
        follow(each, rollout, each.committed());
      }
    });
  }

  /// Takes over what a command allows, and how fast it wants copies to be made. A copy that was
  /// begun with another rule for own vectors is begun anew.
  void options(MoveRequest rollout) throws IOException {
    throttle.set(rollout.getDocumentsPerSecond(), rollout.getPaused());
    allowed = Allowed.of(rollout);
    Running copying = bySpace.get(rollout.getToSpace());
    if (copying != null
        && copying.own() != allowed.own()
        && !generations.manifest().isBuilt(rollout.getToSpace())) {
      stop(rollout.getToSpace());
      resume(rollout);
    }
    bySpace.values().forEach(each -> each.follower().wake());
  }

  private void follow(Generation generation, MoveRequest rollout, long position)
      throws IOException {
    String space = generation.spec().space();
    boolean isNew = space.equals(rollout.getToSpace());
    boolean isOfRollout = isNew || space.equals(rollout.getFromSpace());
    if (bySpace.containsKey(space) || !isOfRollout || isParked(space, rollout)) {
      return;
    }
    generations.keepTombstones(generation, true);
    String version = isNew ? rollout.getToVersion() : rollout.getFromVersion();
    Embedder embedder =
        embedders.of(ModelVersion.parse(rollout.getModel() + "@" + version), rollout.getEncoder());
    OwnVectors own = OwnVectors.of(rollout);
    Missing missing = missing(generation);
    Embeddability embeddability = new Embeddability(own, generation.spec().dimension());
    Reembedder reembedder = new Reembedder(embedder, generation.spec(), embeddability, missing);
    FollowerState state =
        new FollowerState(position, applier.applied(), !generations.manifest().isBuilt(space));
    Feed feed = new ShardFeed(generation, missing);
    Follower follower = new Follower(generation, reembedder, feed, throttle, pace, state);
    bySpace.put(space, new Running(follower, embedder, missing, own));
    follower.start();
  }

  /// What a generation was committed without. What it got after that was written down, and with the
  /// same commit, is not missing.
  private Missing missing(Generation generation) throws IOException {
    KeptMissing kept = generations.manifest().missing(generation.spec().space());
    Missing missing = Missing.of(kept);
    try (View view = generation.view()) {
      for (String id : kept.byId().keySet()) {
        if (view.find(id).isPresent()) {
          missing.remove(id);
        }
      }
    }
    return missing;
  }

  /// Writes down which documents a generation lacks. Done before each commit, whose position has
  /// passed them: what comes back after a restart is what the log tells from there. A generation
  /// that is not built needs none, as it is gone through again.
  void keepMissing(Generation generation) throws IOException {
    String space = generation.spec().space();
    Running running = bySpace.get(space);
    if (running != null && generations.manifest().isBuilt(space)) {
      generations.manifest().missing(space, running.missing().kept());
    }
  }

  /// Waits until a write is in all generations whose followers are at the end of the log.
  void awaitWrite(long sequence) {
    for (Running each : bySpace.values()) {
      each.follower().awaitWrite(sequence);
    }
  }

  /// The position that a generation may be committed with.
  long position(Generation generation) {
    String space = generation.spec().space();
    Running running = bySpace.get(space);
    if (running != null) {
      return running.follower().position();
    }
    boolean isAwaited = generations.all().size() > 1 && generations.manifest().isBuilt(space);
    return isAwaited ? generation.committed() : applier.applied();
  }

  /// A figure of all followers together.
  long sum(ToLongFunction<FollowerState.Progress> figure) {
    return bySpace.values().stream()
        .map(each -> each.follower().state().progress())
        .mapToLong(figure)
        .sum();
  }

  /// The follower of a space; null where there is none.
  @Nullable Running of(String space) {
    return bySpace.get(space);
  }

  /// Follows with a generation no more that is on its way out, and stays for what only it holds:
  /// nobody searches it, and encoders give its version up. What it would have embedded is copied
  /// into it if a rollout comes back to its space, so the log is not kept for it.
  void park(String space) throws IOException {
    stop(space);
    generations.manifest().incomplete(space);
  }

  private boolean isParked(String space, MoveRequest rollout) {
    return space.equals(MoveCheck.leavingSpace(rollout)) && !generations.manifest().isBuilt(space);
  }

  /// Stops the follower of a space.
  void stop(String space) {
    Running running = bySpace.get(space);
    if (running != null) {
      running.close();
      bySpace.remove(space);
    }
  }

  /// Does without a generation, once the others hold everything, and nothing of its space can be
  /// written any more.
  ///
  /// @param gone the last sequence of the log then
  void remove(String space, long gone) throws IOException {
    stop(space);
    for (Generation each : generations.all()) {
      if (!each.spec().space().equals(space)) {
        committer.commit(each, position(each));
      }
    }
    generations.remove(space, gone);
    if (generations.all().size() > 1) {
      return;
    }
    close();
    bySpace.clear();
    generations.exclusively(() -> {
      for (Generation each : generations.all()) {
        generations.keepTombstones(each, false);
      }
      applier.forgetRecent();
      recent = null;
    });
  }

  /// Whether a generation can be searched now: it holds everything that was acknowledged.
  boolean isSearchable(String space) {
    Running running = bySpace.get(space);
    return running == null
        ? generations.isLive(space)
        : running.follower().state().holdsAnswered() || isAlone();
  }

  /// Waits until a generation holds everything that was acknowledged before, for a search.
  ///
  /// @param ensureWanted throws where the search is not wanted any more
  /// @return false where that takes too long, or a copy has to be made first
  boolean awaitSearchable(String space, Runnable ensureWanted) {
    Running running = bySpace.get(space);
    return running == null
        ? generations.isLive(space)
        : running.follower().awaitAnswered(ensureWanted) || isAlone();
  }

  /// Whether there is one generation, and nothing for its follower to do any more.
  private boolean isAlone() {
    return generations.all().size() == 1;
  }

  @Override
  public void close() {
    bySpace.values().forEach(Running::close);
  }

  /// What the follower of a generation sees.
  private final class ShardFeed implements Feed {
    private final Generation target;
    private final Missing missing;

    ShardFeed(Generation target, Missing missing) {
      this.target = target;
      this.missing = missing;
    }

    @Override
    public View snapshot() throws IOException {
      Generation source =
          generations.all().stream()
              .filter(each -> generations.manifest().isBuilt(each.spec().space()))
              .filter(each -> !each.spec().space().equals(target.spec().space()))
              .findFirst()
              .orElseThrow(() ->
                  new FlowException(
                      ErrorCode.FAILED_PRECONDITION,
                      "index: no generation to copy (expected: one that holds all documents)"));
      View view = generations.view(source.spec().space());
      if (view == null) {
        throw new FlowException(ErrorCode.UNAVAILABLE, "index: what is copied has just gone");
      }
      return view;
    }

    @Override
    public long applied() {
      return applier.applied();
    }

    @Override
    public long lastSequence() {
      return records.lastSequence();
    }

    @Override
    public long betweenWrites(Runnable action) {
      synchronized (writing) {
        action.run();
        return records.lastSequence();
      }
    }

    private RecentRecords recentRecords() {
      return Objects.requireNonNull(recent);
    }

    @Override
    public @Nullable List<LogRecord> recent(long position, int most) {
      return recentRecords().after(position, most);
    }

    @Override
    public void await(long position, BooleanSupplier isCancelled) {
      recentRecords().await(position, isCancelled);
    }

    @Override
    public void wake() {
      recentRecords().wake();
    }

    @Override
    public void replay(long fromSequence, Consumer<LogRecord> consumer) throws IOException {
      var _ = records.replay(fromSequence, consumer);
    }

    @Override
    public void apply(List<Change> changes) throws IOException {
      generations.apply(target, changes);
    }

    @Override
    public boolean accepts(String id, long sequence) throws IOException {
      return generations.accepts(target, id, sequence);
    }

    @Override
    public void commit(long position) throws IOException {
      committer.commit(target, position);
    }

    @Override
    public boolean isComplete() {
      return generations.manifest().isBuilt(target.spec().space()) || allowed.allows(missing);
    }

    @Override
    public void built() throws IOException {
      generations.manifest().built(target.spec().space(), missing.kept());
    }
  }
}
