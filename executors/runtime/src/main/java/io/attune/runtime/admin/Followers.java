package io.attune.runtime.admin;

import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.error.ErrorBorder;
import io.attune.runtime.error.Failures;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;

/// Streams of an admin service that follow something, each on a virtual thread of its own: they
/// wait for callers who read slowly, end with callers who leave, and end all together when the
/// service is closed.
public final class Followers implements AutoCloseable {
  private static final int MOST = 256;

  private final Set<Follower<?>> active = ConcurrentHashMap.newKeySet();
  private final Semaphore places = new Semaphore(MOST);
  private volatile boolean closed;

  /// What a stream tells.
  @FunctionalInterface
  public interface Source<T> {
    /// Tells all of it; an interrupt ends it.
    void tell(Consumer<T> listener) throws InterruptedException;
  }

  /// Starts a stream.
  ///
  /// @throws FlowException RESOURCE_EXHAUSTED where there are too many
  public <T> void start(StreamObserver<T> caller, Source<T> source) {
    if (!places.tryAcquire()) {
      throw new FlowException(
          ErrorCode.RESOURCE_EXHAUSTED,
          "streams: %d are followed (expected: fewer than that)".formatted(MOST));
    }
    Follower<T> follower = new Follower<>((ServerCallStreamObserver<T>) caller, source);
    active.add(follower);
    follower.thread.start();
    if (closed) {
      follower.thread.interrupt();
    }
  }

  @Override
  public void close() {
    closed = true;
    active.forEach(follower -> follower.thread.interrupt());
  }

  /// One stream. The monitor guards nothing but the wait for a caller who reads slowly.
  private final class Follower<T> {
    private final ServerCallStreamObserver<T> caller;
    private final Source<T> source;
    private final Thread thread = Thread.ofVirtual().name("follower").unstarted(this::run);

    Follower(ServerCallStreamObserver<T> caller, Source<T> source) {
      this.caller = caller;
      this.source = source;
      caller.setOnReadyHandler(this::wake);
      caller.setOnCancelHandler(thread::interrupt);
    }

    private synchronized void wake() {
      notifyAll();
    }

    private synchronized void awaitReady() throws InterruptedException {
      while (!caller.isReady()) {
        wait();
      }
    }

    private void run() {
      try {
        source.tell(message -> {
          try {
            awaitReady();
          } catch (InterruptedException e) {
            throw new Interrupted(e);
          }
          caller.onNext(message);
        });
        caller.onCompleted();
      } catch (InterruptedException | Interrupted _) {
        interrupted();
      } catch (RuntimeException failure) {
        failed(Failures.from(failure));
      } finally {
        active.remove(this);
        places.release();
      }
    }

    /// By the caller, who hears nothing more; or because the service stops.
    private void interrupted() {
      if (!caller.isCancelled()) {
        failed(
            new FlowException(
                ErrorCode.UNAVAILABLE, "service: stops (expected: to be asked again later)"));
      }
    }

    private void failed(FlowException failure) {
      if (!caller.isCancelled()) {
        caller.onError(ErrorBorder.refusal(failure));
      }
    }
  }

  /// Carries an interrupt out of a listener.
  private static final class Interrupted extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Interrupted(InterruptedException cause) {
      super(cause);
    }
  }
}
