package io.attune.gateway.rollout;

import io.attune.gateway.rollout.trial.Trial;
import io.attune.gateway.router.LiveModels;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.ModelVersion;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What a gateway stamps requests with, and how many requests of each version are under way.
///
/// Every change makes a new [Live], which counts those who hold it. A request counts itself first
/// and looks then whether what it counted itself in is still the last one; a change replaces it
/// first and counts then. So one of the two sees the other: once a version's count is 0 after it
/// was replaced, no request can be stamped with it any more. A search that gets a version on trial
/// counts itself in that one, too, before it looks; so the same holds of the end of a trial.
///
/// A gateway that must be heard of by a coordinator is open until a time only; after it, it stamps
/// nothing. The time is that of a clock which goes on while the process is stopped.
public final class Stamps implements LiveModels {
  private final LongSupplier nanos;
  private final List<Live> replaced = new CopyOnWriteArrayList<>();
  private final Map<ModelVersion, Integer> chosen = new ConcurrentHashMap<>();
  private volatile Live live;
  private volatile Set<ModelVersion> leaving = Set.of();
  private volatile Opening opening = Opening.ALWAYS;

  /// What requests are stamped with for a while.
  private static final class Live implements Stamp {
    private final List<ModelVersion> models;
    private final List<Trial> trials;
    private final AtomicLong held = new AtomicLong();

    Live(List<ModelVersion> models, List<Trial> trials) {
      this.models = List.copyOf(models);
      this.trials = List.copyOf(trials);
    }

    @Override
    public List<ModelVersion> models() {
      return models;
    }

    @Override
    public void hold() {
      held.incrementAndGet();
    }

    @Override
    public void release() {
      held.decrementAndGet();
    }
  }

  /// The stamp of a request whose caller chose versions; it holds what it was made from, too.
  private final class Chosen implements Stamp {
    private final Live base;
    private final List<ModelVersion> asked;
    private final List<ModelVersion> models;

    Chosen(Live base, List<ModelVersion> asked) {
      this.base = base;
      this.asked = asked;
      this.models = LiveModels.merged(base.models, asked);
      asked.forEach(version -> chosen.merge(version, 1, Integer::sum));
    }

    @Override
    public List<ModelVersion> models() {
      return models;
    }

    @Override
    public void hold() {
      base.hold();
      asked.forEach(version -> chosen.merge(version, 1, Integer::sum));
    }

    @Override
    public void release() {
      asked.forEach(
          version -> chosen.computeIfPresent(version, (_, count) -> count == 1 ? null : count - 1));
      base.release();
    }
  }

  /// A search that is asked again at the version of a trial that did not answer it: the new one in
  /// shadow, the old one in a canary. All else is as it was answered, and the old version's copy is
  /// counted nowhere: the trial's times and errors are those of answers that somebody got.
  private final class Again implements Shadow {
    private final Trial trial;
    private final List<Trial> others;
    private final List<ModelVersion> versions;

    /// @param news the trials whose new version answered it
    Again(Trial trial, List<Trial> news) {
      this.trial = trial;
      this.others = news.stream().filter(each -> !each.equals(trial)).toList();
      Stream<Trial> asked =
          trial.terms().isShadow()
              ? Stream.concat(others.stream(), Stream.of(trial))
              : others.stream();
      this.versions = asked.map(each -> each.terms().to()).toList();
    }

    @Override
    public @Nullable Stamp stamp() {
      while (isOpen()) {
        Live base = held();
        boolean isOver = !base.trials.contains(trial) || !base.trials.containsAll(others);
        Stamp stamp =
            isOver ? base : counted(versions.isEmpty() ? base : new Chosen(base, versions));
        if (!isOver && base == live) {
          return stamp;
        }
        stamp.release();
        if (isOver) {
          return null;
        }
      }
      return null;
    }

    private Stamp counted(Stamp again) {
      return trial.terms().isShadow()
          ? new Tried(again, List.of(), List.of(trial), List.of())
          : again;
    }

    @Override
    public void agreed(double share) {
      trial.agreed(share);
    }

    @Override
    public void dropped() {
      trial.dropped();
    }
  }

  /// @param first what is live before anybody says otherwise
  public Stamps(List<ModelVersion> first) {
    this(first, System::nanoTime);
  }

  Stamps(List<ModelVersion> first, LongSupplier nanos) {
    this.live = new Live(first, List.of());
    this.nanos = nanos;
  }

  @Override
  public Stamp stamp(List<ModelVersion> asked) {
    Live base = held();
    Stamp stamp = asked.isEmpty() ? base : new Chosen(base, List.copyOf(asked));
    try {
      requireOpen();
      for (ModelVersion version : asked) {
        if (leaving.contains(version)) {
          throw new FlowException(
              ErrorCode.UNAVAILABLE,
              "model: %s is on its way out (expected: %s)".formatted(version, base.models));
        }
      }
      return stamp;
    } catch (FlowException refusal) {
      stamp.release();
      throw refusal;
    }
  }

  @Override
  public Stamp search(List<ModelVersion> asked, Supplier<String> identity) {
    if (!asked.isEmpty() || live.trials.isEmpty()) {
      return stamp(asked);
    }
    String who = identity.get();
    while (true) {
      Live base = held();
      Stamp stamp = tried(base, who);
      if (base == live) {
        try {
          requireOpen();
          return stamp;
        } catch (FlowException refusal) {
          stamp.release();
          throw refusal;
        }
      }
      stamp.release();
    }
  }

  /// The stamp of a search from what is live, which it holds.
  private Stamp tried(Live base, String who) {
    if (base.trials.isEmpty()) {
      return base;
    }
    List<Trial> olds = new ArrayList<>();
    List<Trial> news = new ArrayList<>();
    List<Trial> drawn = new ArrayList<>();
    for (Trial trial : base.trials) {
      boolean draws = trial.draws(who);
      if (draws) {
        drawn.add(trial);
      }
      if (draws && !trial.terms().isShadow()) {
        news.add(trial);
      } else if (draws || !trial.terms().isShadow()) {
        olds.add(trial);
      }
    }
    List<ModelVersion> versions = news.stream().map(trial -> trial.terms().to()).toList();
    List<Shadow> shadows = drawn.stream().<Shadow>map(trial -> new Again(trial, news)).toList();
    return new Tried(versions.isEmpty() ? base : new Chosen(base, versions), olds, news, shadows);
  }

  private Live held() {
    while (true) {
      Live now = live;
      now.hold();
      if (now == live) {
        return now;
      }
      now.release();
    }
  }

  private void requireOpen() {
    Opening now = opening;
    if (!now.isOpen(nanos.getAsLong())) {
      throw new FlowException(ErrorCode.UNAVAILABLE, "gateway: " + now.reason());
    }
  }

  /// Whether requests are stamped now.
  public boolean isOpen() {
    return opening.isOpen(nanos.getAsLong());
  }

  /// Stamps until a time only, unless told again.
  ///
  /// @param endNanos as [System#nanoTime] has it
  /// @param reason why it does not afterwards
  public void openUntil(long endNanos, String reason) {
    opening = new Opening(true, endNanos, reason);
  }

  /// Stamps nothing from now on.
  public void close(String reason) {
    openUntil(nanos.getAsLong(), reason);
  }

  /// The versions that requests are stamped with.
  public List<ModelVersion> live() {
    return live.models;
  }

  /// Stamps requests with a version from now on, in place of another one of its model.
  ///
  /// @param out versions that callers may not choose any more; of this model, others are forgotten
  public void live(ModelVersion version, Set<ModelVersion> out) {
    live(version, out, null);
  }

  /// The same, with a share of the searches for another version.
  ///
  /// @param trial of this model; null for none
  public synchronized void live(
      ModelVersion version, Set<ModelVersion> out, @Nullable Trial trial) {
    List<ModelVersion> still = new ArrayList<>(out);
    leaving.stream().filter(each -> !each.name().equals(version.name())).forEach(still::add);
    leaving = Set.copyOf(still);
    Map<String, ModelVersion> models = new LinkedHashMap<>();
    live.models.forEach(each -> models.put(each.name(), each));
    List<Trial> trials = new ArrayList<>(live.trials);
    trials.removeIf(each -> each.terms().to().name().equals(version.name()));
    if (trial != null) {
      trials.add(trial);
    }
    if (version.equals(models.put(version.name(), version)) && trials.equals(live.trials)) {
      return;
    }
    replaced.removeIf(each -> each.held.get() == 0);
    replaced.add(live);
    live = new Live(List.copyOf(models.values()), trials);
  }

  /// How many requests are under way that are stamped with a version.
  public long underWay(ModelVersion version) {
    Live now = live;
    long count = now.models.contains(version) ? now.held.get() : 0;
    for (Live each : replaced) {
      if (each != now && each.models.contains(version)) {
        count += each.held.get();
      }
    }
    return count + chosen.getOrDefault(version, 0);
  }
}
