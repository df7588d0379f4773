package io.attune.encoder.rollout;

import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.error.Failures;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// An encoder's part in the rollouts of its model: takes commands, gets to where they say, and
/// keeps on disk where that is.
///
/// A command is written down before anything is done for it, so that from then on lower epochs are
/// refused even by an encoder that was killed in between. What it asks for is loaded, one version
/// after another, on a thread of its own. Then the new standing is written, and only after that the
/// live version changes in memory and the command is confirmed. A process that is killed finds
/// either standing when it comes back, both of which are right, and goes on by itself.
///
/// One command is under way at a time. Another one takes its place, and ends it: what was loaded
/// for it is given up or used, as the new one says.
///
/// The lock guards the standing and which command is under way; writing to disk and
/// [Versions#serve] happen inside it, loading outside.
public final class Participation implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Participation.class);

  private final Versions versions;
  private final StandingStore store;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private Standing standing;
  private @Nullable Moving current;
  private @Nullable Thread worker;
  private boolean everReached;
  private boolean closed;

  /// @param standing where the encoder is now, with these versions
  public Participation(Versions versions, StandingStore store, Standing standing) {
    this.versions = versions;
    this.store = store;
    this.standing = standing;
  }

  /// Where it is.
  public Standing standing() {
    lock.lock();
    try {
      return standing;
    } finally {
      lock.unlock();
    }
  }

  /// What is there.
  public Versions versions() {
    return versions;
  }

  /// Starts to do what a command says, or joins in where that is under way or done.
  ///
  /// @throws FlowException FAILED_PRECONDITION where the command must not be obeyed; UNAVAILABLE
  ///   where it cannot be kept, or the encoder stops
  public Moving move(Command command) {
    lock.lock();
    try {
      requireOpen();
      standing.admit(command);
      if (current != null && !current.isOver() && current.command().equals(command)) {
        return current;
      }
      if (standing.isAt(command)) {
        reached();
        return Moving.reached(command);
      }
      keep(standing.told(command));
      return begin(command);
    } finally {
      lock.unlock();
    }
  }

  /// Goes on with the command that was under way when the process ended, if one was.
  public void resume() {
    lock.lock();
    try {
      Command command = standing.command();
      if (command != null && !standing.reached() && standing.refusal().isEmpty()) {
        Moving _ = begin(command);
      }
    } finally {
      lock.unlock();
    }
  }

  /// Hears that it is where the Flow is, and that no command is to come for it.
  public void confirmed() {
    lock.lock();
    try {
      reached();
    } finally {
      lock.unlock();
    }
  }

  /// Waits until the state of a command is reached for the first time since the start, or it is
  /// [#confirmed].
  ///
  /// @return whether one was
  public boolean awaitReached(Duration time) throws InterruptedException {
    long left = time.toNanos();
    lock.lockInterruptibly();
    try {
      while (!everReached && left > 0) {
        left = changed.awaitNanos(left);
      }
      return everReached;
    } finally {
      lock.unlock();
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new FlowException(
          ErrorCode.UNAVAILABLE, "encoder: stops (expected: to be asked again later)");
    }
  }

  private Moving begin(Command command) {
    Moving moving = new Moving(command);
    Thread before = worker;
    if (before != null) {
      before.interrupt();
    }
    current = moving;
    worker = Thread.ofPlatform().name("rollout").daemon().start(() -> work(moving, before));
    log.atInfo()
        .addKeyValue("rollout", command.rollout())
        .addKeyValue("epoch", command.epoch())
        .addKeyValue("state", command.state())
        .addKeyValue("from", command.from())
        .addKeyValue("to", command.to())
        .log("rollout command");
    return moving;
  }

  private void work(Moving moving, @Nullable Thread before) {
    try {
      if (before != null) {
        before.join();
      }
      Command command = moving.command();
      for (var version : command.held()) {
        versions.load(version, command.expected(version), moving::tell);
      }
      reach(moving);
      moving.end(null);
    } catch (InterruptedException _) {
      moving.end(overtaken());
    } catch (Throwable failure) { // whatever it is, those who follow must hear of it
      refuse(moving, Failures.from(failure));
    }
  }

  private void reach(Moving moving) throws InterruptedException {
    Command command = moving.command();
    lock.lock();
    try {
      if (current != moving) {
        throw new InterruptedException("another command took its place");
      }
      keep(Standing.at(command));
      versions.serve(command.live(), command.held());
      reached();
    } finally {
      lock.unlock();
    }
    log.atInfo()
        .addKeyValue("rollout", command.rollout())
        .addKeyValue("state", command.state())
        .addKeyValue("live", command.live())
        .log("rollout state reached");
  }

  private void reached() {
    everReached = true;
    changed.signalAll();
  }

  private void refuse(Moving moving, FlowException failure) {
    Command command = moving.command();
    lock.lock();
    try {
      if (current != moving) {
        moving.end(overtaken());
        return;
      }
      log.atWarn()
          .addKeyValue("rollout", command.rollout())
          .addKeyValue("state", command.state())
          .addKeyValue("reason", failure.getMessage())
          .log("rollout command refused");
      if (failure.code() != ErrorCode.UNAVAILABLE) {
        keep(standing.refused(String.valueOf(failure.getMessage())));
      }
    } catch (FlowException unkept) {
      failure.addSuppressed(unkept);
    } finally {
      lock.unlock();
    }
    moving.end(failure);
  }

  private FlowException overtaken() {
    lock.lock();
    try {
      Moving now = current;
      return now == null
          ? new FlowException(
              ErrorCode.UNAVAILABLE, "encoder: stops (expected: to be asked again later)")
          : new FlowException(
              ErrorCode.FAILED_PRECONDITION,
              "command: overtaken by %s of epoch %d (expected: the last command)"
                  .formatted(now.command().state(), now.command().epoch()));
    } finally {
      lock.unlock();
    }
  }

  private void keep(Standing next) {
    try {
      store.write(next);
    } catch (IOException e) {
      throw new FlowException(
          ErrorCode.UNAVAILABLE,
          "standing: cannot be kept: %s (expected: a workspace that can be written)"
              .formatted(e.getMessage()),
          e);
    }
    standing = next;
  }

  /// Stops; what is under way is gone on with after the next start.
  @Override
  public void close() {
    Thread last;
    lock.lock();
    try {
      closed = true;
      current = null;
      last = worker;
    } finally {
      lock.unlock();
    }
    if (last != null) {
      last.interrupt();
      try {
        last.join();
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
