package io.attune.gateway.rollout;

import io.attune.gateway.rollout.record.LiveRecord;
import io.attune.gateway.rollout.record.RolloutRecord;
import io.attune.gateway.rollout.record.RolloutStore;
import io.attune.gateway.rollout.record.Stored;
import io.attune.proto.attune.ModelStanding;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The models of a Flow, each with its [Driver]: those that encoders hold, and those that had a
/// rollout. Safe for use by several threads.
final class Drivers implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Drivers.class);

  private final RolloutStore store;
  private final Coordinator.Options options;
  private final InstantSource clock;
  private final Members members;

  /// The encoder that was the first to come with a model, by the model.
  private final Map<String, String> encoders = new ConcurrentHashMap<>();

  // guarded by this
  private final Map<String, Driver> byModel = new TreeMap<>();
  private boolean closed;

  Drivers(RolloutStore store, Coordinator.Options options, InstantSource clock, Members members) {
    this.store = store;
    this.options = options;
    this.clock = clock;
    this.members = members;
  }

  /// Takes over the models that had a rollout.
  synchronized void resume() {
    for (String model : store.models()) {
      LiveRecord found = store.live(model).map(Stored::value).orElse(null);
      if (found != null && !found.rollout().isEmpty()) {
        byModel.put(model, started(found));
      }
    }
  }

  /// Finds the models that encoders hold, and goes on with their rollouts.
  synchronized void discover() {
    for (Member member : members.present()) {
      if (member.identity().kind() == Identity.Kind.ENCODER && !closed) {
        for (ModelStanding standing : member.standing().getModelsList()) {
          discover(member.identity().name(), standing);
        }
      }
    }
  }

  private synchronized void discover(String encoder, ModelStanding standing) {
    String model = standing.getModel();
    Driver driver = byModel.get(model);
    if (driver == null) {
      Integer named = options.live().get(model);
      int version = named == null ? Integer.parseInt(standing.getLive()) : named;
      driver = started(LiveRecord.first(model, version, standing.getEpoch()));
      byModel.put(model, driver);
    }
    if (encoders.putIfAbsent(model, encoder) == null) {
      driver.wake();
    }
  }

  /// @param first what is live where nothing is on disk
  private Driver started(LiveRecord first) {
    String model = first.model();
    Ledger ledger = Ledger.open(store, clock, first);
    log.atInfo()
        .addKeyValue("model", model)
        .addKeyValue("live", ledger.live().version())
        .addKeyValue("epoch", ledger.live().epoch())
        .log("rollouts are coordinated here");
    return new Driver(ledger, members, () -> address(model), options, clock).start();
  }

  private @Nullable String address(String model) {
    String encoder = encoders.get(model);
    return encoder == null ? null : options.encoders().apply(encoder);
  }

  /// The driver of a model; null where the Flow has none of it.
  synchronized @Nullable Driver of(String model) {
    return byModel.get(model);
  }

  /// The driver of a model that an encoder holds.
  ///
  /// @throws FlowException NOT_FOUND where none does
  Driver require(String model) {
    Driver driver = of(model);
    if (driver == null || !encoders.containsKey(model)) {
      throw new FlowException(
          ErrorCode.NOT_FOUND,
          "model: \"%s\" (expected: one that an encoder of the Flow holds: %s)"
              .formatted(
                  model.length() > 100 ? model.substring(0, 100) + "…" : model,
                  new TreeSet<>(encoders.keySet())));
    }
    return driver;
  }

  /// The models, sorted.
  synchronized List<String> models() {
    return List.copyOf(byModel.keySet());
  }

  /// What is live, by model.
  synchronized List<LiveRecord> live() {
    return byModel.values().stream().map(Driver::live).toList();
  }

  /// Whether a member confirmed where the Flow is, of every model.
  synchronized boolean isCurrent(Member member) {
    return byModel.values().stream().allMatch(driver -> driver.isCurrent(member));
  }

  /// Whether a member need not be waited for: it is where the Flow is, or a rollout that is under
  /// way will take it there.
  synchronized boolean serves(Member member) {
    return byModel.values().stream()
        .allMatch(driver -> {
          RolloutRecord last = driver.rollout();
          boolean moves = last != null && !last.isOver();
          return (moves && member.identity().kind() != Identity.Kind.GATEWAY)
              || driver.isCurrent(member);
        });
  }

  /// @throws FlowException UNAVAILABLE where another coordinator took over
  synchronized void requireMine() {
    for (Driver driver : byModel.values()) {
      String fenced = driver.fenced();
      if (fenced != null) {
        throw new FlowException(ErrorCode.UNAVAILABLE, fenced);
      }
    }
  }

  /// Makes sure that no other coordinator took over meanwhile.
  ///
  /// @return whether it is known that none did
  boolean verify() {
    return all().stream().allMatch(Driver::verify);
  }

  /// Lets each look again.
  void wake() {
    all().forEach(Driver::wake);
  }

  private synchronized List<Driver> all() {
    return List.copyOf(byModel.values());
  }

  @Override
  public void close() {
    List<Driver> all;
    synchronized (this) {
      closed = true;
      all = all();
      byModel.clear();
    }
    all.forEach(Driver::close);
  }
}
