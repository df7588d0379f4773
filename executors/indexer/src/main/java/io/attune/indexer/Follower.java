package io.attune.indexer;

import io.attune.indexer.Reembedder.Source;
import io.attune.indexer.generation.Content;
import io.attune.indexer.generation.Generation;
import io.attune.indexer.generation.View;
import io.attune.indexer.log.LogRecord;
import io.attune.proto.docarray.DocumentProto;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.process.LowPriority;
import io.grpc.Context;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Brings a generation what its shard takes in other spaces: a thread that copies a snapshot of
/// another generation and then follows the log, embedding every document for its own space.
///
/// **Who applies what.** The log's thread applies records that carry the generation's own space,
/// and all deletes, to it at once; the follower those of other spaces, whenever it comes to them.
/// Their order does not matter: the generation compares sequences and keeps tombstones.
///
/// **Position.** Every record up to [#position] is in the generation. While it copies, that is what
/// was committed before; when the snapshot is through, it is the position at which that was taken.
///
/// **READY is exact.** When few records are left, the follower closes a gate between two writes:
/// each write from there on waits until the follower has passed it. Once it has passed the last
/// record before the gate, it holds everything that was ever acknowledged, and is ready. A write
/// that has waited for too long, or an embedder that does not work, opens the gate again: then the
/// write is answered, and the follower is behind until the gate closes the next time. A search of
/// the generation waits in its stead: for every write that was answered before it began.
///
/// **What is done twice** after a crash is what was not committed: the generation is committed
/// whenever a part of [#COMMITS] of the documents was embedded, while it follows at least a batch
/// of them, as writes wait for that. What the generation holds already is not embedded again.
final class Follower implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Follower.class);

  /// A copy is committed so often.
  private static final int COMMITS = 200;

  /// The documents of a copy that are embedded at once where there are few of them.
  private static final int FEWEST = 8;

  private static final int MOST_RECORDS = 256;
  private static final int SOON = 256;

  private final Generation target;
  private final Reembedder reembedder;
  private final Feed feed;
  private final Throttle throttle;
  private final Pace pace;
  private final FollowerState state;
  private final Thread thread;
  private final Context.CancellableContext context;
  private long uncommitted;

  /// How patient a follower is.
  ///
  /// @param writeWait how long a write waits for it at most
  /// @param searchWait how long a search waits at most for writes that were answered without it
  /// @param firstRest how long it rests after a failure; twice as long after the next
  /// @param mostRest the longest rest
  record Pace(Duration writeWait, Duration searchWait, Duration firstRest, Duration mostRest) {
    static final Pace DEFAULT =
        new Pace(
            Duration.ofSeconds(5),
            Duration.ofSeconds(10),
            Duration.ofMillis(50),
            Duration.ofSeconds(5));
  }

  /// @param state where it begins
  Follower(
      Generation target,
      Reembedder reembedder,
      Feed feed,
      Throttle throttle,
      Pace pace,
      FollowerState state) {
    this.target = target;
    this.reembedder = reembedder;
    this.feed = feed;
    this.throttle = throttle;
    this.pace = pace;
    this.state = state;
    this.context = Context.ROOT.withCancellation();
    this.thread =
        Thread.ofPlatform()
            .daemon()
            .name("index-follow-" + target.spec().space())
            .unstarted(() -> context.run(this::run));
  }

  void start() {
    thread.start();
  }

  /// What it has done and is about to do.
  FollowerState state() {
    return state;
  }

  /// The position that the generation may be committed with.
  long position() {
    return state.position();
  }

  /// Waits until a write is in the generation, if the gate is closed.
  void awaitWrite(long sequence) {
    if (state.awaitPassed(sequence, pace.writeWait())) {
      return;
    }
    log.atWarn()
        .addKeyValue("space", target.spec().space())
        .log("too slow for writes: the generation falls behind");
  }

  /// Waits until the generation holds every write that was answered before, for a search.
  ///
  /// @param ensureWanted throws where the search is not wanted any more
  /// @return false where that takes too long, or a copy has to be made first
  boolean awaitAnswered(Runnable ensureWanted) {
    return state.awaitAnswered(pace.searchWait(), ensureWanted);
  }

  /// Looks again at what it waits for.
  void wake() {
    state.wake();
    throttle.wake();
    feed.wake();
  }

  private void run() {
    Duration rest = pace.firstRest();
    while (!state.isClosed()) {
      long before = state.position();
      long copied = state.done();
      try {
        if (state.isCopying()) {
          copyBehindSearches();
        }
        follow();
      } catch (InterruptedException _) {
        return;
      } catch (IOException | RuntimeException e) {
        if (state.position() > before || state.done() != copied) {
          rest = pace.firstRest();
        }
        failed(e);
        state.rest(rest, pace.firstRest());
        rest =
            rest.multipliedBy(2).compareTo(pace.mostRest()) < 0
                ? rest.multipliedBy(2)
                : pace.mostRest();
      }
    }
  }

  private void failed(Exception failure) {
    if (state.isClosed()) {
      return;
    }
    state.fallBehind(String.valueOf(failure.getMessage()));
    if (failure instanceof FlowException flow && flow.code() != ErrorCode.INTERNAL) {
      log.atWarn()
          .addKeyValue("space", target.spec().space())
          .addKeyValue("reason", failure.getMessage())
          .log("cannot embed now");
    } else {
      log.atError()
          .addKeyValue("space", target.spec().space())
          .setCause(failure)
          .log("following failed");
    }
  }

  private void requireOpen() {
    if (state.isClosed()) {
      throw new FlowException(ErrorCode.CANCELLED, "index: it closes");
    }
  }

  // copying

  /// Nobody waits for a copy; writes wait for what follows.
  private void copyBehindSearches() throws InterruptedException {
    var _ =
        LowPriority.call(
            thread.getName(),
            context.wrap(() -> {
              copy();
              return true;
            }));
  }

  private void copy() throws IOException {
    long position = feed.applied();
    try (View snapshot = feed.snapshot()) {
      long total = snapshot.documents();
      int most = Math.clamp(total / COMMITS, FEWEST, Reembedder.MOST_VECTORS);
      state.beginCopy(total);
      reembedder.cleared();
      List<Source> batch = new ArrayList<>();
      snapshot.forEach(
          (id, sequence) -> {
            requireOpen();
            boolean isWanted = feed.accepts(id, sequence);
            if (!isWanted) {
              state.copied(1);
            }
            return isWanted;
          },
          (sequence, content) -> {
            batch.add(new Source(sequence, content));
            if (batch.size() == most) {
              copy(batch, total);
            }
          });
      copy(batch, total);
    }
    // what was read holds everything up to the position that was looked up before
    state.copiedUpTo(position);
    feed.commit(position);
    uncommitted = 0;
  }

  private void copy(List<Source> batch, long total) throws IOException {
    throttle.await(state::isClosed);
    long begin = System.nanoTime();
    embed(batch);
    commitAfter(total / COMMITS);
    throttle.worked(batch.size(), System.nanoTime() - begin);
    state.copied(batch.size());
    batch.clear();
  }

  private void embed(List<Source> batch) throws IOException {
    if (batch.isEmpty()) {
      return;
    }
    requireOpen();
    feed.apply(reembedder.embed(batch));
    state.embedded(batch.size());
    uncommitted += batch.size();
  }

  private void commitAfter(long documents) throws IOException {
    if (uncommitted > 0 && uncommitted >= documents) {
      feed.commit(state.position());
      uncommitted = 0;
    }
  }

  // following

  private void follow() throws IOException {
    while (!state.isClosed()) {
      state.looks();
      List<LogRecord> next = feed.recent(state.position(), MOST_RECORDS);
      if (next == null) {
        replay();
      } else if (next.isEmpty()) {
        settle();
        feed.await(state.position(), state::mustLook);
      } else {
        take(next);
        settle();
      }
    }
  }

  /// Reads the log from disk, as far as it is applied.
  private void replay() throws IOException {
    long end = feed.applied();
    List<LogRecord> batch = new ArrayList<>();
    try {
      feed.replay(
          state.position() + 1,
          record -> {
            requireOpen();
            if (record.sequence() <= end) {
              batch.add(record);
            }
            if (batch.size() == Reembedder.MOST_VECTORS) {
              takeUnchecked(batch);
              batch.clear();
            }
          });
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    take(batch);
  }

  private void takeUnchecked(List<LogRecord> records) {
    try {
      take(records);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Embeds of some records those that are of another space and still count at the end of them.
  private void take(List<LogRecord> records) throws IOException {
    if (records.isEmpty()) {
      return;
    }
    Map<String, Source> foreign = new LinkedHashMap<>();
    for (LogRecord record : records) {
      DocumentProto document = record.document();
      if (record.isClear()) {
        foreign.clear();
        reembedder.cleared();
      } else if (document == null || isOwn(document)) {
        foreign.remove(record.id());
        reembedder.settled(record.id());
      } else if (feed.accepts(record.id(), record.sequence())) {
        foreign.put(record.id(), new Source(record.sequence(), Content.of(document)));
      } else {
        foreign.remove(record.id()); // what the generation holds is as new, or newer
      }
    }
    List<Source> sources = new ArrayList<>(foreign.values());
    for (int from = 0; from < sources.size(); from += Reembedder.MOST_VECTORS) {
      int end = Math.min(sources.size(), from + Reembedder.MOST_VECTORS);
      embed(sources.subList(from, end));
    }
    state.pass(records.getLast().sequence());
    commitAfter(Math.max(Reembedder.MOST_VECTORS, state.total() / COMMITS));
  }

  private boolean isOwn(DocumentProto document) {
    return Spaces.of(document).equals(target.spec().space());
  }

  /// Closes the gate where few records are left, and notices when all before it are passed.
  private void settle() throws IOException {
    if (!state.isGated() && feed.isComplete() && feed.lastSequence() - state.position() <= SOON) {
      state.goal(feed.betweenWrites(state::closeGate));
    }
    if (state.isArriving()) {
      feed.built();
      state.arrive();
      feed.wake();
    }
  }

  /// Stops; what waits for it goes on. Idempotent.
  @Override
  public void close() {
    state.close();
    context.cancel(null);
    throttle.wake();
    feed.wake();
    try {
      thread.join(TimeUnit.MINUTES.toMillis(2));
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
