package io.attune.gateway.rollout.record;

import io.attune.proto.attune.RolloutState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A rollout, as it is on disk. What it gained since it was first written is in [Former].
///
/// @param id 1 to 128 characters
/// @param requestId what its caller named it; empty for nothing
/// @param from the version that it leaves
/// @param to the version that it goes to
/// @param fromDimension values in a vector of the old space; 0 for as many as in the new one
/// @param dimension values in a vector of the new space
/// @param epoch of the coordinator that drives it
/// @param state where all participants are to be
/// @param reached whether all are there
/// @param paused whether documents are not embedded again for now
/// @param reason why it failed or was rolled back; empty where it was not
/// @param steps every state so far, the last one last
/// @param members who took part when the state began, as [io.attune.gateway.rollout.Identity] has
///   them
/// @param gate what the gate found; null where it was not asked, or not yet
public record RolloutRecord(
    String id,
    String requestId,
    String model,
    int from,
    int to,
    String fromSpace,
    String toSpace,
    int fromDimension,
    int dimension,
    RolloutSettings settings,
    long epoch,
    RolloutState state,
    boolean reached,
    boolean paused,
    String reason,
    List<Step> steps,
    List<String> members,
    @Nullable GateRecord gate) {
  public RolloutRecord {
    steps = List.copyOf(steps);
    members = List.copyOf(members);
  }

  /// A state that it came to.
  ///
  /// @param began in milliseconds since 1970
  /// @param ended when it was reached; 0 where it is not
  public record Step(RolloutState state, long began, long ended) {}

  /// Whether nothing more is to be done.
  public boolean isOver() {
    return reached && isEnd();
  }

  /// Whether its state is the last one.
  public boolean isEnd() {
    return switch (state) {
      case RETIRED, ROLLED_BACK, ROLLOUT_FAILED -> true;
      case PREPARING, REINDEXING, READY, CANARY, LIVE -> false;
      case ROLLOUT_STATE_UNSPECIFIED, UNRECOGNIZED -> throw new IllegalStateException(id);
    };
  }

  /// Whether requests still get the old version.
  public boolean isBeforeLive() {
    return switch (state) {
      case PREPARING, REINDEXING, READY, CANARY -> true;
      case LIVE, RETIRED, ROLLED_BACK, ROLLOUT_FAILED -> false;
      case ROLLOUT_STATE_UNSPECIFIED, UNRECOGNIZED -> throw new IllegalStateException(id);
    };
  }

  /// The version that requests get in its state.
  public int live() {
    return state == RolloutState.LIVE || state == RolloutState.RETIRED ? to : from;
  }

  /// When its state was reached, in milliseconds since 1970; 0 where it is not.
  public long reachedAt() {
    return steps.getLast().ended();
  }

  /// The same on the way to another state.
  public RolloutRecord going(RolloutState next, String why, List<String> who, Instant now) {
    List<Step> more = new ArrayList<>(steps);
    more.add(new Step(next, now.toEpochMilli(), 0));
    return with(draft -> {
      draft.state = next;
      draft.reached = false;
      draft.reason = why;
      draft.steps = more;
      draft.members = who;
    });
  }

  /// The same where its state is reached.
  ///
  /// @param amiss what is to be known of it beside the reason; empty for nothing
  public RolloutRecord reached(String amiss, Instant now) {
    List<Step> more = new ArrayList<>(steps);
    Step last = more.removeLast();
    more.add(new Step(last.state(), last.began(), now.toEpochMilli()));
    return with(draft -> {
      draft.reached = true;
      draft.reason = reason.isEmpty() || amiss.isEmpty() ? reason + amiss : reason + "; " + amiss;
      draft.steps = more;
    });
  }

  /// The same, over before it began: who asked for it may ask again.
  public RolloutRecord neverBegan(String why, Instant now) {
    return going(RolloutState.ROLLOUT_FAILED, why, List.of(), now)
        .reached("", now)
        .with(draft -> draft.requestId = "");
  }

  /// The same, driven under another epoch.
  public RolloutRecord underEpoch(long next) {
    return with(draft -> draft.epoch = next);
  }

  /// The same, paused or not.
  public RolloutRecord paused(boolean rests) {
    return with(draft -> draft.paused = rests);
  }

  /// The same with what the gate found.
  public RolloutRecord judged(GateRecord verdict) {
    return with(draft -> draft.gate = verdict);
  }

  /// The same with other settings.
  public RolloutRecord with(RolloutSettings next) {
    return with(draft -> draft.settings = next);
  }

  private RolloutRecord with(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return new RolloutRecord(
        id,
        draft.requestId,
        model,
        from,
        to,
        fromSpace,
        toSpace,
        fromDimension,
        dimension,
        draft.settings,
        draft.epoch,
        draft.state,
        draft.reached,
        draft.paused,
        draft.reason,
        draft.steps,
        draft.members,
        draft.gate);
  }

  private static final class Draft {
    private String requestId;
    private RolloutSettings settings;
    private long epoch;
    private RolloutState state;
    private boolean reached;
    private boolean paused;
    private String reason;
    private List<Step> steps;
    private List<String> members;
    private @Nullable GateRecord gate;

    Draft(RolloutRecord from) {
      requestId = from.requestId;
      settings = from.settings;
      epoch = from.epoch;
      state = from.state;
      reached = from.reached;
      paused = from.paused;
      reason = from.reason;
      steps = from.steps;
      members = from.members;
      gate = from.gate;
    }
  }
}
