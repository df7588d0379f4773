package io.attune.gateway.router;

import com.google.protobuf.Value;
import io.attune.gateway.graph.Plan;
import io.attune.gateway.message.Envelope;
import io.attune.runtime.Priority;
import io.grpc.Context;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/// Asks searches again with a version on trial, once they were answered, and compares the answers.
///
/// That must not slow down anybody: it goes on in the background, as bulk work, two at a time;
/// further ones wait, up to 64 and 16 MiB, and what comes then is dropped. Executors get the
/// parameter `impressions: false`, as nobody sees the answer. Nothing of a waiting one is held: a
/// trial that is over is not waited for by it. One that is asked has a time limit, as an executor
/// that hangs would hold both places for ever; past it, it has failed like any other that was not
/// answered.
final class Shadows {
  private static final int MOST_RUNNING = 2;
  private static final int MOST_WAITING = 64;
  private static final long MOST_BYTES = 16 << 20;
  private static final String IMPRESSIONS = "impressions";

  private final Shared shared;
  private final Duration time;
  private final ScheduledThreadPoolExecutor timer;

  // guarded by this
  private final Queue<Answered> waiting = new ArrayDeque<>();
  private long bytes;
  private int running;
  private boolean stopped;

  /// @param time how long each may take, from when it is asked
  Shadows(Shared shared, Duration time) {
    this.shared = shared;
    this.time = time;
    this.timer =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("shadow-limit").factory());
    timer.setRemoveOnCancelPolicy(true);
  }

  /// A search that was answered.
  ///
  /// @param request as it was sent to executors
  /// @param answer what was shown
  record Answered(
      Plan plan, Inbound inbound, Envelope request, Envelope answer, LiveModels.Shadow shadow) {
    private long size() {
      return (long) request.payload().size() + answer.payload().size();
    }
  }

  /// Asks again, when there is time.
  void add(Answered search) {
    synchronized (this) {
      boolean hasRoom =
          waiting.size() < MOST_WAITING
              && (waiting.isEmpty() || bytes + search.size() <= MOST_BYTES);
      if (stopped || !hasRoom) {
        search.shadow().dropped();
        return;
      }
      waiting.add(search);
      bytes += search.size();
      if (running == MOST_RUNNING) {
        return;
      }
      running++;
    }
    shared.merging().execute(this::next);
  }

  /// Asks no more, but for those that are under way.
  synchronized void stop() {
    stopped = true;
    waiting.clear();
    bytes = 0;
    timer.shutdown(); // the limits of those that are under way stand
  }

  private void next() {
    while (true) {
      Answered search;
      Context.CancellableContext limit;
      synchronized (this) {
        search = waiting.poll();
        if (search == null) {
          running--;
          return;
        }
        bytes -= search.size();
        limit = // whoever asked first may have left
            Context.ROOT.withDeadlineAfter(time.toNanos(), TimeUnit.NANOSECONDS, timer);
      }
      LiveModels.Stamp stamp = search.shadow().stamp();
      if (stamp != null) {
        ask(search, stamp, limit);
        return;
      }
      limit.cancel(null);
    }
  }

  private void ask(Answered search, LiveModels.Stamp stamp, Context.CancellableContext limit) {
    long start = System.nanoTime();
    shared.admission().enterAlways();
    Envelope request =
        search
            .request()
            .withParameters(
                search.request().parameters().toBuilder()
                    .putFields(IMPRESSIONS, Value.newBuilder().setBoolValue(false).build())
                    .build());
    Hops hops = new Hops(shared, Router.headers(search.inbound(), Priority.BULK, stamp), stamp);
    Context before = limit.attach();
    stamp.hold(); // the end may come before floating executors are called
    try {
      new Run(
              search.plan(),
              request,
              hops,
              outcome -> {
                limit.cancel(null);
                ended(search, stamp, outcome, start);
              })
          .start();
    } finally {
      stamp.release();
      limit.detach(before);
    }
  }

  private void ended(Answered search, LiveModels.Stamp stamp, Outcome outcome, long start) {
    long nanos = System.nanoTime() - start;
    shared
        .merging()
        .execute(() -> {
          try {
            if (outcome instanceof Outcome.Answered(Envelope answer)) {
              Agreement.of(search.answer().payload(), answer.payload())
                  .ifPresent(search.shadow()::agreed);
            }
            stamp.ended(outcome instanceof Outcome.Answered, nanos);
          } finally {
            shared.admission().leave(0);
            stamp.release();
            next();
          }
        });
  }
}
