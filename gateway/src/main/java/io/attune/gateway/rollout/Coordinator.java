package io.attune.gateway.rollout;

import io.attune.gateway.rollout.record.JudgedRecord;
import io.attune.gateway.rollout.record.LiveRecord;
import io.attune.gateway.rollout.record.RolloutRecord;
import io.attune.gateway.rollout.record.RolloutSettings;
import io.attune.gateway.rollout.record.RolloutStore;
import io.attune.gateway.rollout.record.Stored;
import io.attune.gateway.rollout.record.TrialRecord;
import io.attune.proto.attune.Lease;
import io.attune.proto.attune.RegisterRequest;
import io.attune.proto.attune.RolloutComparison;
import io.attune.proto.attune.RolloutOptions;
import io.attune.proto.attune.RolloutState;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.ModelVersion;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Takes a Flow from one version of a model to another: starts rollouts, steers them, and goes on
/// with those that another process left half done.
///
/// Who takes part is added with [#add] or registers; models are those that encoders hold, and those
/// of which [#resume] finds that they had a rollout. One [Driver] drives each model's rollouts.
public final class Coordinator implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Coordinator.class);
  private static final Duration FLIP_TIME = Duration.ofSeconds(5);
  private static final int MOST_REQUEST_ID = 128;

  private final RolloutStore store;
  private final Options options;
  private final Members members;
  private final Drafts drafts;
  private final Drivers drivers;

  /// What a coordinator is given.
  ///
  /// @param catalog what versions there are
  /// @param encoders where shards reach an encoder to embed again, by its name; empty for what they
  ///   know themselves
  /// @param live the version of a model that is live where nothing is on disk; without one, the
  ///   version that the encoders have
  /// @param expected how many replicas or shards of each executor must take part
  /// @param isShared whether participants of other processes register
  /// @param onFenced told once another coordinator took over
  /// @param judge compares versions for rollouts that ask for a gain
  /// @param judgments what people say of a canary's searches
  public record Options(
      Catalog catalog,
      Function<String, String> encoders,
      Map<String, Integer> live,
      Map<String, Integer> expected,
      boolean isShared,
      Timing timing,
      Runnable onFenced,
      Judge judge,
      Judgments judgments) {
    public Options {
      live = Map.copyOf(live);
      expected = Map.copyOf(expected);
    }
  }

  public Coordinator(RolloutStore store, Options options, InstantSource clock) {
    this(store, options, clock, new Members(options.timing().timeToLive(), System::nanoTime));
  }

  Coordinator(RolloutStore store, Options options, InstantSource clock, Members members) {
    this.store = store;
    this.options = options;
    this.members = members;
    this.drafts = new Drafts(options, members, clock);
    this.drivers = new Drivers(store, options, clock, members);
    members.listen(drivers::wake);
  }

  /// Takes over the models that had a rollout, before any encoder is here: gateways are told what
  /// is live, and wait for nobody; everybody else is commanded once an encoder came. Before its
  /// first rollout a model's encoders say what is live, and may have been started with another
  /// version.
  ///
  /// @throws FlowException where what is on disk cannot be read or written
  public void resume() {
    drivers.resume();
  }

  /// Adds a participant of this process.
  ///
  /// @throws FlowException where it takes no part, or what is on disk cannot be read or written
  public void add(Identity identity, Peer peer) {
    members.local(identity, peer);
    drivers.discover();
  }

  Members members() {
    return members;
  }

  /// Takes in a participant of another process, or renews its lease.
  ///
  /// @param token of its admin port; null for none
  /// @throws FlowException NOT_FOUND for a lease that lapsed; UNAVAILABLE where it cannot be
  ///   reached, or another coordinator took over
  Lease register(RegisterRequest request, @Nullable String token) {
    drivers.requireMine();
    Lease lease =
        request.getLease().isEmpty()
            ? members.register(
                new Identity(
                    Identity.Kind.of(request.getKind()), request.getName(), request.getShard(), 0),
                request.getAddress(),
                () -> GrpcPeer.at(RegistryService.address(request.getAddress()), token))
            : members.renew(request.getLease());
    drivers.discover();
    Member member = members.of(lease.getLease());
    return lease.toBuilder().setCurrent(member != null && isCurrent(member)).build();
  }

  /// Starts a rollout.
  ///
  /// @param version empty for the newest
  /// @param requestId empty for none; two of one id make one rollout
  /// @throws FlowException NOT_FOUND, FAILED_PRECONDITION or INVALID_ARGUMENT with the reason
  RolloutRecord start(String model, String version, RolloutSettings settings, String requestId) {
    Driver driver = drivers.require(model);
    if (requestId.length() > MOST_REQUEST_ID) {
      throw FlowException.invalid(
          "request_id: %d characters (expected: at most %d)"
              .formatted(requestId.length(), MOST_REQUEST_ID));
    }
    Optional<RolloutRecord> same = driver.of(requestId);
    if (same.isPresent()) {
      return same.get();
    }
    if (isPast(model, requestId)) {
      throw new FlowException(
          ErrorCode.ALREADY_EXISTS,
          "request_id: %s of a rollout whose record is gone (expected: another)"
              .formatted(requestId));
    }
    return driver.begin(requestId, drafts.of(model, version, settings, requestId));
  }

  /// Whether a rollout of a request id was there, and its record was removed.
  private boolean isPast(String model, String requestId) {
    return !requestId.isEmpty()
        && store.past(model).stream().anyMatch(past -> past.value().requests().contains(requestId));
  }

  /// Starts a rollout, unless one of the same request id ever was.
  ///
  /// @return whether it was started now
  /// @throws FlowException NOT_FOUND, FAILED_PRECONDITION or INVALID_ARGUMENT with the reason
  public boolean startOnce(ModelVersion to, RolloutOptions options, String requestId) {
    if (drivers.require(to.name()).of(requestId).isPresent() || isPast(to.name(), requestId)) {
      return false;
    }
    start(to.name(), Integer.toString(to.version()), RolloutSettings.of(options), requestId);
    return true;
  }

  /// Lets the version before be live.
  ///
  /// @param force whether searches may wait for what shards lack in the old generation
  /// @return the rollout that was taken back, or the one in the other direction that was started
  /// @throws FlowException UNAVAILABLE where shards lack something for long
  RolloutRecord rollback(String model, boolean force) throws InterruptedException {
    Driver driver = drivers.require(model);
    RolloutRecord last = driver.rollout();
    LiveRecord live = driver.live();
    if (last == null) {
      throw Driver.refused("rollback: no rollout of " + model, "one to take back");
    }
    if (!last.isEnd()) {
      if (last.state() == RolloutState.LIVE && !force) {
        awaitCaughtUp(last);
      }
      RolloutRecord back = driver.back(last.id(), "rolled back on request");
      if (!driver.awaitGateways(FLIP_TIME)) {
        log.atWarn().addKeyValue("rollout", last.id()).log("not all gateways have rolled back yet");
      }
      return back;
    }
    if (last.state() != RolloutState.RETIRED || live.previous() == 0) {
      throw Driver.refused(
          "rollback: rollout %s is %s, %s is live"
              .formatted(last.id(), last.state(), model + "@" + live.version()),
          "one that is live or RETIRED");
    }
    return start(model, Integer.toString(live.previous()), last.settings().withoutTrial(), "");
  }

  private void awaitCaughtUp(RolloutRecord rollout) throws InterruptedException {
    Duration atMost = options.timing().catchUp();
    List<String> behind = CatchUp.await(rollout, members, atMost);
    if (!behind.isEmpty()) {
      throw new FlowException(
          ErrorCode.UNAVAILABLE,
          "rollback: %s in %s@%d (expected: none within %d ms; try again, or with force: searches then wait for them)"
              .formatted(
                  String.join(", ", behind), rollout.model(), rollout.from(), atMost.toMillis()));
    }
  }

  /// Ends a rollout before it is live.
  RolloutRecord cancel(String reference) {
    RolloutRecord found = find(reference);
    if (!found.isBeforeLive()) {
      throw Driver.refused(
          "rollout: %s is in %s".formatted(found.id(), found.state()),
          "one before LIVE; rollback takes back a later one");
    }
    return drivers.require(found.model()).back(found.id(), "cancelled");
  }

  /// Ends a wait.
  RolloutRecord proceed(String reference) throws InterruptedException {
    RolloutRecord found = find(reference);
    return drivers.require(found.model()).proceed(found.id());
  }

  /// Rests from embedding again, or goes on with it.
  RolloutRecord pause(String reference, boolean rests) {
    return beforeLive(reference, last -> last.paused(rests));
  }

  /// Limits how fast documents are embedded again.
  RolloutRecord throttle(String reference, double perSecond) {
    return beforeLive(reference, last -> last.with(last.settings().withPace(perSecond)));
  }

  private RolloutRecord beforeLive(String reference, UnaryOperator<RolloutRecord> change) {
    RolloutRecord found = find(reference);
    return drivers
        .require(found.model())
        .change(
            found.id(),
            last -> {
              if (!last.isBeforeLive()) {
                throw Driver.refused(
                    "rollout: %s is in %s".formatted(last.id(), last.state()), "one before LIVE");
              }
              return change.apply(last);
            });
  }

  /// A rollout by its id, or the last one of a model by its name.
  ///
  /// @throws FlowException NOT_FOUND where there is none
  RolloutRecord find(String reference) {
    Driver driver = drivers.of(reference);
    RolloutRecord last = driver == null ? null : driver.rollout();
    if (last != null) {
      return last;
    }
    if (driver == null && reference.matches("[A-Za-z0-9][A-Za-z0-9._-]*")) {
      Optional<Stored<RolloutRecord>> stored = store.rollout(reference);
      if (stored.isPresent()) {
        return stored.get().value();
      }
    }
    throw new FlowException(
        ErrorCode.NOT_FOUND,
        "rollout: \"%s\" is not there (expected: an id, or a model with a rollout: %s)"
            .formatted(
                reference.length() > 160 ? reference.substring(0, 160) + "…" : reference,
                drivers.models()));
  }

  /// The driver of a rollout if it is the last one of its model; null otherwise.
  @Nullable Driver drives(RolloutRecord rollout) {
    Driver driver = drivers.of(rollout.model());
    RolloutRecord last = driver == null ? null : driver.rollout();
    return last != null && last.id().equals(rollout.id()) ? driver : null;
  }

  /// What a rollout's CANARY found so far; null where it had none.
  @Nullable RolloutComparison comparison(RolloutRecord rollout) {
    if (!rollout.settings().hasCanary()) {
      return null;
    }
    Driver driver = drives(rollout);
    return driver == null
        ? store.trial(rollout.id()).map(each -> comparison(rollout, each.value())).orElse(null)
        : driver.comparison();
  }

  private @Nullable RolloutComparison comparison(RolloutRecord rollout, TrialRecord counted) {
    JudgedRecord judged =
        store
            .judged(rollout.id())
            .map(Stored::value)
            .orElseGet(() -> JudgedRecord.nothing(rollout.id()));
    return Messages.comparison(counted, judged);
  }

  /// The rollouts of a model, or of all where it is empty, the newest last.
  List<RolloutRecord> rollouts(String model) {
    return store.rollouts(model).stream().map(Stored::value).toList();
  }

  /// What is live, by model.
  public List<LiveRecord> live() {
    return drivers.live();
  }

  /// Whether a member confirmed where the Flow is, of every model.
  boolean isCurrent(Member member) {
    return drivers.isCurrent(member);
  }

  /// Makes sure that nobody took over meanwhile.
  ///
  /// @return whether it is known that nobody did
  public boolean verify() {
    return drivers.verify();
  }

  /// Waits until gateways stamp what is live, and everybody else is where the Flow is, unless a
  /// rollout is under way, which goes on behind it.
  ///
  /// @return whether that came about in time
  public boolean awaitServing(Duration atMost) throws InterruptedException {
    long end = System.nanoTime() + atMost.toNanos();
    while (!members.present().stream().allMatch(drivers::serves)) {
      if (System.nanoTime() - end >= 0) {
        return false;
      }
      Thread.sleep(5);
    }
    return true;
  }

  /// Stops; rollouts that are under way are gone on with by the next coordinator.
  @Override
  public void close() {
    drivers.close();
    members.close();
  }
}
