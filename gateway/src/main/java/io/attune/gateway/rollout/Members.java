package io.attune.gateway.rollout;

import io.attune.proto.attune.Lease;
import io.attune.proto.attune.ParticipantStanding;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Who takes part: participants of this process for as long as it lives, others for as long as they
/// renew their leases.
///
/// A lease is counted from when its renewal arrived, so it ends here later than its holder, who
/// counts from when he asked, takes it to end. The monitor guards everything; listeners are told
/// outside.
final class Members implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Members.class);

  private final Duration timeToLive;
  private final LongSupplier nanos;
  private final Map<Identity, Entry> entries = new LinkedHashMap<>();
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

  /// @param lease empty for one that never lapses
  /// @param address where it said it is; empty in this process
  private record Entry(Member member, String lease, String address, long endNanos) {
    boolean lapsed(long now) {
      return !lease.isEmpty() && now - endNanos >= 0;
    }
  }

  /// @param nanos a clock that never goes back, such as [System#nanoTime]
  Members(Duration timeToLive, LongSupplier nanos) {
    this.timeToLive = timeToLive;
    this.nanos = nanos;
  }

  /// Lets somebody hear of all who come and go.
  void listen(Runnable listener) {
    listeners.add(listener);
  }

  /// How long a lease holds.
  Duration timeToLive() {
    return timeToLive;
  }

  /// Adds a participant of this process.
  Member local(Identity identity, Peer peer) {
    return add(identity, peer, peer.standing(), "", "");
  }

  /// Adds a participant for the time of a lease, in place of the one that was the same: the same
  /// shard, or one of the same address. Others of its name become further replicas.
  ///
  /// @param asked which one it is; its replica is decided here
  /// @param connect the way to it
  /// @throws FlowException FAILED_PRECONDITION where another one is there
  Lease register(Identity asked, String address, Supplier<Peer> connect) {
    Peer peer = connect.get();
    String lease = UUID.randomUUID().toString();
    try {
      ParticipantStanding standing = peer.standing();
      if (!standing.getKind().equals(asked.kind().label())
          || !standing.getName().equals(asked.name())
          || standing.getShard() != asked.shard()) {
        throw new FlowException(
            ErrorCode.FAILED_PRECONDITION,
            "address: %s %s/%d is there (expected: %s)"
                .formatted(standing.getKind(), standing.getName(), standing.getShard(), asked));
      }
      var _ = add(asked, peer, standing, lease, address);
    } catch (FlowException failure) {
      peer.close();
      throw failure;
    }
    return lease(lease);
  }

  /// Renews a lease.
  ///
  /// @throws FlowException NOT_FOUND where it lapsed
  Lease renew(String lease) {
    synchronized (this) {
      Map.Entry<Identity, Entry> found = find(lease);
      Entry entry = found == null ? null : found.getValue();
      if (found == null || entry == null || entry.lapsed(nanos.getAsLong())) {
        throw new FlowException(
            ErrorCode.NOT_FOUND, "lease: lapsed (expected: one that is renewed in time)");
      }
      found.setValue(new Entry(entry.member(), lease, entry.address(), end()));
    }
    return lease(lease);
  }

  /// Lets a participant go.
  void leave(String lease) {
    synchronized (this) {
      Map.Entry<Identity, Entry> found = find(lease);
      if (found == null) {
        return;
      }
      remove(found.getKey());
    }
    listeners.forEach(Runnable::run);
  }

  /// The member of a lease; null where it lapsed.
  synchronized @Nullable Member of(String lease) {
    Map.Entry<Identity, Entry> found = find(lease);
    return found == null ? null : found.getValue().member();
  }

  /// Those who are here now.
  synchronized List<Member> present() {
    long now = nanos.getAsLong();
    for (Identity each : List.copyOf(entries.keySet())) {
      if (Objects.requireNonNull(entries.get(each)).lapsed(now)) {
        log.atWarn().addKeyValue("participant", each).log("lease lapsed");
        remove(each);
      }
    }
    return entries.values().stream().map(Entry::member).toList();
  }

  private Member add(
      Identity asked, Peer peer, ParticipantStanding standing, String lease, String address) {
    Member member;
    Entry before;
    synchronized (this) {
      Identity identity = lease.isEmpty() ? asked : placed(asked, address);
      member = new Member(identity, peer, standing);
      before = entries.put(identity, new Entry(member, lease, address, end()));
    }
    Identity identity = member.identity();
    if (before != null) {
      before.member().peer().close();
    }
    log.atInfo().addKeyValue("participant", identity).log("takes part in rollouts");
    listeners.forEach(Runnable::run);
    return member;
  }

  /// Which replica one is: the one that was at its address, or the first that nobody is.
  private Identity placed(Identity asked, String address) {
    int replica = 0;
    while (asked.kind() != Identity.Kind.INDEXER) {
      Entry there = entries.get(asked.replica(replica));
      if (there == null || there.address().equals(address)) {
        break;
      }
      replica++;
    }
    return asked.replica(replica);
  }

  private void remove(Identity identity) {
    Entry entry = entries.remove(identity);
    if (entry != null) {
      entry.member().peer().close();
    }
  }

  private Map.@Nullable Entry<Identity, Entry> find(String lease) {
    return entries.entrySet().stream()
        .filter(each -> !lease.isEmpty() && each.getValue().lease().equals(lease))
        .findFirst()
        .orElse(null);
  }

  private long end() {
    return nanos.getAsLong() + timeToLive.toNanos();
  }

  private Lease lease(String lease) {
    return Lease.newBuilder().setLease(lease).setTimeToLive(timeToLive.toMillis()).build();
  }

  @Override
  public void close() {
    List<Entry> all;
    synchronized (this) {
      all = new ArrayList<>(entries.values());
      entries.clear();
    }
    all.forEach(entry -> entry.member().peer().close());
  }
}
