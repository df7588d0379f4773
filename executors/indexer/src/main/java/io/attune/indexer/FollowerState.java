package io.attune.indexer;

import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// How far a [Follower] is. Written by its thread, and by writes that it is too slow for; read by
/// all. One lock guards everything; nothing is taken inside it.
final class FollowerState {
  /// What a follower does.
  enum Phase {
    /// Embeds the documents of a snapshot.
    COPYING,
    /// Follows the log and is behind it, or was not yet seen to be at its end.
    FOLLOWING,
    /// A write is answered only when its generation holds it.
    READY
  }

  /// A figure of how far it is.
  ///
  /// @param phase what it does
  /// @param done the documents of the snapshot that are through
  /// @param total all of them
  /// @param embedded documents embedded since it was started
  /// @param perSecond how many a second, since it was started and while it did
  /// @param position what it has applied of the log
  /// @param problem why it got no further the last time; empty where it does
  record Progress(
      Phase phase,
      long done,
      long total,
      long embedded,
      double perSecond,
      long position,
      String problem) {}

  /// How often a search that waits looks whether it is still wanted.
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final long begun = System.nanoTime();
  // guarded by lock
  private Phase phase;
  private boolean isGated;
  private boolean wasReady;
  private boolean isClosed;
  private boolean isWoken;
  private long position;
  private long answered;
  private int searches;
  private long goal;
  private long done;
  private long total;
  private long embedded;
  private String problem = "";

  /// @param position what the generation has applied of the log
  /// @param applied what the shard has, all of which may have been answered
  /// @param copies whether a snapshot is copied before the log is followed from there
  FollowerState(long position, long applied, boolean copies) {
    this.position = position;
    this.answered = applied;
    this.wasReady = !copies && position >= applied;
    this.phase = copies ? Phase.COPYING : Phase.FOLLOWING;
  }

  private <T> T read(java.util.function.Supplier<T> value) {
    lock.lock();
    try {
      return value.get();
    } finally {
      lock.unlock();
    }
  }

  private void write(Runnable change) {
    lock.lock();
    try {
      change.run();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  Progress progress() {
    return read(() -> {
      double seconds = Math.max(1e-3, (System.nanoTime() - begun) / 1e9);
      return new Progress(phase, done, total, embedded, embedded / seconds, position, problem);
    });
  }

  boolean isClosed() {
    return read(() -> isClosed);
  }

  boolean isCopying() {
    return read(() -> phase == Phase.COPYING);
  }

  boolean isReady() {
    return read(() -> phase == Phase.READY);
  }

  /// Whether its generation holds every write that was answered.
  boolean holdsAnswered() {
    return read(() -> holds(answered));
  }

  private boolean holds(long sequence) {
    return wasReady && position >= sequence;
  }

  long position() {
    return read(() -> position);
  }

  long done() {
    return read(() -> done);
  }

  long total() {
    return read(() -> total);
  }

  void beginCopy(long documents) {
    write(() -> {
      done = 0;
      total = documents;
    });
  }

  void copied(int documents) {
    write(() -> done += documents);
  }

  void embedded(int documents) {
    write(() -> {
      embedded += documents;
      problem = "";
    });
  }

  void copiedUpTo(long reached) {
    write(() -> {
      position = reached;
      phase = Phase.FOLLOWING;
      problem = "";
    });
  }

  void pass(long sequence) {
    write(() -> {
      position = sequence;
      problem = "";
    });
  }

  boolean isGated() {
    return read(() -> isGated);
  }

  /// Asks it to look again at what it waits for.
  void wake() {
    write(() -> isWoken = true);
  }

  /// It looks now.
  void looks() {
    write(() -> isWoken = false);
  }

  /// Whether it must not wait: it is closed, or was asked to look.
  boolean mustLook() {
    return read(() -> isClosed || isWoken);
  }

  void closeGate() {
    write(() -> isGated = true);
  }

  void goal(long sequence) {
    write(() -> goal = sequence);
  }

  /// Whether it has passed all that was there when the gate was closed, and is not ready yet.
  boolean isArriving() {
    return read(() -> isGated && phase == Phase.FOLLOWING && position >= goal);
  }

  void arrive() {
    write(() -> {
      if (isGated) {
        phase = Phase.READY;
        wasReady = true;
      }
    });
  }

  /// Lets the writes go that wait.
  void fallBehind(String reason) {
    write(() -> {
      problem = reason;
      openGate();
    });
  }

  private void openGate() {
    isGated = false;
    if (phase == Phase.READY) {
      phase = Phase.FOLLOWING;
    }
  }

  /// Waits until a sequence is passed, or the gate is open. The write may be answered then:
  /// searches wait for it from now on.
  ///
  /// @return false where that took too long, and the gate was opened for it
  boolean awaitPassed(long sequence, Duration most) {
    lock.lock();
    try {
      long left = most.toNanos();
      while (isGated && !isClosed && position < sequence && left > 0) {
        left = changed.awaitNanos(left);
      }
      boolean isSlow = isGated && !isClosed && position < sequence;
      if (isSlow) {
        problem = "writes had to wait for more than %d ms".formatted(most.toMillis());
        openGate();
        changed.signalAll();
      }
      answered = Math.max(answered, sequence);
      return !isSlow;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new FlowException(
          ErrorCode.CANCELLED, "write: interrupted while it waited (it is stored)", e);
    } finally {
      lock.unlock();
    }
  }

  /// Waits until its generation holds every write that was answered before, for a search.
  ///
  /// @param ensureWanted throws where the search is not wanted any more
  /// @return false where that takes too long, or a copy has to be made first
  boolean awaitAnswered(Duration most, Runnable ensureWanted) {
    lock.lock();
    try {
      long before = answered;
      long left = most.toNanos();
      searches++;
      changed.signalAll();
      while (!holds(before) && phase != Phase.COPYING && !isClosed && left > 0) {
        ensureWanted.run();
        long look = Math.min(left, LOOK_NANOS);
        left -= look - changed.awaitNanos(look);
      }
      return holds(before);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new FlowException(ErrorCode.CANCELLED, "search: interrupted while it waited", e);
    } finally {
      searches--;
      lock.unlock();
    }
  }

  /// Waits for a time, or until it is closed; no longer than a shorter time where searches wait.
  void rest(Duration time, Duration shorter) {
    lock.lock();
    try {
      long begin = System.nanoTime();
      while (!isClosed) {
        Duration rest = searches > 0 ? shorter : time;
        long left = rest.toNanos() - (System.nanoTime() - begin);
        if (left <= 0) {
          return;
        }
        var _ = changed.awaitNanos(left);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
  }

  /// Ends it: no write waits any more, so that it is not ready any more.
  void close() {
    write(() -> {
      isClosed = true;
      openGate();
    });
  }
}
