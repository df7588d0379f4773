package io.attune.cli.rollout;

import io.attune.cli.rollout.Fleet.Role;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// When which process was away, and what may fail because of it.
///
/// A request may be refused as UNAVAILABLE, and is then sent again and not counted as failed, where
/// at some time between its sending and its failure
///
/// - its gateway was away: the connection broke, or the gateway does not serve yet; once its health
///   says that it serves, that is no reason any more, for the coordinator's neither;
/// - the indexer was away, of which there is one only;
/// - the coordinator was away, and it says that its lease is over;
/// - the whole machine stood still, as nobody could renew a lease then.
///
/// Away is from the kill or the stop until it serves again; for those whose lease ended meanwhile,
/// until they asked for another one. One encoder of two is no reason.
final class Outages {
  private static final String LAPSED = "the coordinator of rollouts";

  private final List<Outage> outages = new CopyOnWriteArrayList<>();

  private static final class Outage {
    private final Role role;
    private final long began;
    private volatile long served = Long.MAX_VALUE;
    private volatile long ended = Long.MAX_VALUE;

    Outage(Role role, long began) {
      this.role = role;
      this.began = began;
    }

    /// Whether a request that was under way in some time may have found it away.
    boolean wasAway(long from, long to) {
      return isIn(served, from, to);
    }

    /// Whether one may have found that a lease ended because of it.
    boolean wasMissed(long from, long to) {
      return isIn(ended, from, to);
    }

    private boolean isIn(long end, long from, long to) {
      return began - to < 0 && (end == Long.MAX_VALUE || end - from > 0);
    }
  }

  /// Somebody is about to go away.
  void begins(Role role) {
    outages.add(new Outage(role, System.nanoTime()));
  }

  /// Everybody was away, the caller too.
  ///
  /// @return what ends it
  Runnable stoodStill(long sinceNanos) {
    List<Outage> all = new ArrayList<>();
    for (Role role : Role.values()) {
      all.add(new Outage(role, sinceNanos));
    }
    outages.addAll(all);
    return () -> all.forEach(Outages::end);
  }

  private static void end(Outage outage) {
    long now = System.nanoTime();
    outage.ended = now;
    if (outage.served == Long.MAX_VALUE) {
      outage.served = now;
    }
  }

  /// Somebody serves again; others may not have noticed yet.
  void serves(Role role) {
    outages.stream()
        .filter(each -> each.role == role && each.served == Long.MAX_VALUE)
        .forEach(each -> each.served = System.nanoTime());
  }

  /// Somebody serves again, and all have noticed.
  void ends(Role role) {
    outages.stream()
        .filter(each -> each.role == role && each.ended == Long.MAX_VALUE)
        .forEach(Outages::end);
  }

  /// What excuses failures of requests through a gateway.
  Excuses through(Role gateway) {
    return (sent, failure) -> isExcused(gateway, sent, failure);
  }

  private boolean isExcused(Role gateway, long sent, FlowException failure) {
    if (failure.code() != ErrorCode.UNAVAILABLE) {
      return false;
    }
    long now = System.nanoTime();
    boolean lapsed = String.valueOf(failure.getMessage()).contains(LAPSED);
    return outages.stream()
        .anyMatch(each ->
            ((each.role == gateway || each.role == Role.INDEXER) && each.wasAway(sent, now))
                || (each.role == Role.COORDINATOR && lapsed && each.wasMissed(sent, now)));
  }
}
