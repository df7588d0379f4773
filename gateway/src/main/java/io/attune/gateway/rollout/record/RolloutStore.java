package io.attune.gateway.rollout.record;

import com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/// The live records and rollouts of a Flow, each replaced only by who has seen the last one.
///
/// Every method throws [FlowException]: UNAVAILABLE where the records cannot be read or written,
/// DATA_LOSS where what is there is none.
public final class RolloutStore {
  private static final String LIVE = "live";
  private static final String ROLLOUTS = "rollouts";
  private static final String TRIALS = "trials";
  private static final String JUDGED = "judged";
  private static final String PAST = "past";
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .changeDefaultVisibility(found -> found.withIsGetterVisibility(Visibility.NONE))
          .build();

  private final Records records;

  public RolloutStore(Records records) {
    this.records = records;
  }

  /// The models that have a live record, sorted.
  public List<String> models() {
    return keys(LIVE);
  }

  /// What is live of a model.
  public Optional<Stored<LiveRecord>> live(String model) {
    return read(LIVE, model, LiveRecord.class);
  }

  /// Replaces what is live.
  ///
  /// @param seen null for none
  /// @return empty where somebody else did before
  public Optional<Stored<LiveRecord>> live(@Nullable Stored<LiveRecord> seen, LiveRecord next) {
    return write(LIVE, next.model(), seen, next);
  }

  /// A rollout.
  public Optional<Stored<RolloutRecord>> rollout(String id) {
    return read(ROLLOUTS, id, RolloutRecord.class);
  }

  /// Replaces a rollout.
  ///
  /// @param seen null for none
  /// @return empty where somebody else did before
  public Optional<Stored<RolloutRecord>> rollout(
      @Nullable Stored<RolloutRecord> seen, RolloutRecord next) {
    return write(ROLLOUTS, next.id(), seen, next);
  }

  /// What was counted in a rollout's CANARY.
  public Optional<Stored<TrialRecord>> trial(String rollout) {
    return read(TRIALS, rollout, TrialRecord.class);
  }

  /// Replaces what was counted.
  ///
  /// @param seen null for none
  /// @return empty where somebody else did before
  public Optional<Stored<TrialRecord>> trial(@Nullable Stored<TrialRecord> seen, TrialRecord next) {
    return write(TRIALS, next.rollout(), seen, next);
  }

  /// What people said of a rollout's CANARY.
  public Optional<Stored<JudgedRecord>> judged(String rollout) {
    return read(JUDGED, rollout, JudgedRecord.class);
  }

  /// Replaces what people said.
  ///
  /// @param seen null for none
  /// @return empty where somebody else did before
  public Optional<Stored<JudgedRecord>> judged(
      @Nullable Stored<JudgedRecord> seen, JudgedRecord next) {
    return write(JUDGED, next.rollout(), seen, next);
  }

  /// Removes a rollout that is over, and what was counted and said in it.
  public void remove(String rollout) {
    remove(TRIALS, rollout);
    remove(JUDGED, rollout);
    remove(ROLLOUTS, rollout);
  }

  /// What is kept of a model's rollouts that were removed.
  public Optional<Stored<PastRecord>> past(String model) {
    return read(PAST, model, PastRecord.class);
  }

  /// Replaces what is kept of them.
  ///
  /// @param seen null for none
  /// @return empty where somebody else did before
  public Optional<Stored<PastRecord>> past(@Nullable Stored<PastRecord> seen, PastRecord next) {
    return write(PAST, next.model(), seen, next);
  }

  /// The rollouts of a model, or of all where it is empty, the newest last.
  public List<Stored<RolloutRecord>> rollouts(String model) {
    List<Stored<RolloutRecord>> rollouts = new ArrayList<>();
    for (String id : keys(ROLLOUTS)) {
      rollout(id)
          .filter(each -> model.isEmpty() || each.value().model().equals(model))
          .ifPresent(rollouts::add);
    }
    rollouts.sort(
        Comparator.comparingLong(
                (Stored<RolloutRecord> each) -> each.value().steps().getFirst().began())
            .thenComparing(each -> each.value().id()));
    return rollouts;
  }

  private List<String> keys(String kind) {
    try {
      return records.keys(kind).stream().map(key -> key.substring(kind.length() + 1)).toList();
    } catch (IOException e) {
      throw unreachable(kind, e);
    }
  }

  private <T> Optional<Stored<T>> read(String kind, String name, Class<T> type) {
    String key = kind + "/" + name;
    try {
      Optional<Records.Entry> entry = records.read(key);
      return entry.isEmpty()
          ? Optional.empty()
          : Optional.of(
              new Stored<>(
                  Objects.requireNonNull(
                      MAPPER.treeToValue(
                          Former.completed(MAPPER.readTree(entry.get().text()), type), type),
                      "null"),
                  entry.get().revision()));
    } catch (IOException e) {
      throw unreachable(key, e);
    } catch (JacksonException | NullPointerException | FlowException e) {
      throw new FlowException(
          ErrorCode.DATA_LOSS,
          "%s: %s (expected: the record that a coordinator wrote)"
              .formatted(key, String.valueOf(e.getMessage()).lines().findFirst().orElse("")),
          e);
    }
  }

  private <T> Optional<Stored<T>> write(
      String kind, String name, @Nullable Stored<T> seen, T next) {
    String key = kind + "/" + name;
    try {
      return records
          .compareAndSet(
              key, seen == null ? Records.NONE : seen.revision(), MAPPER.writeValueAsString(next))
          .map(revision -> new Stored<>(next, revision));
    } catch (IOException e) {
      throw unreachable(key, e);
    }
  }

  private void remove(String kind, String name) {
    String key = kind + "/" + name;
    try {
      records.remove(key);
    } catch (IOException e) {
      throw unreachable(key, e);
    }
  }

  private static FlowException unreachable(String key, IOException cause) {
    return new FlowException(
        ErrorCode.UNAVAILABLE,
        "rollouts: %s cannot be kept: %s (expected: a workspace that can be written)"
            .formatted(key, cause.getMessage()),
        cause);
  }
}
