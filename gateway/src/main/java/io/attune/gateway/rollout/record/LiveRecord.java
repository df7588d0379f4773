package io.attune.gateway.rollout.record;

/// What is live in a Flow, of one model. Whoever drives a rollout has given it the next epoch here;
/// one who finds another epoch than his has been taken over from.
///
/// @param model the model's name
/// @param version the version that requests are stamped with
/// @param previous the one before; 0 where there is none
/// @param rollout the last rollout that began; empty before the first
/// @param epoch the last epoch that was given away; 0 before the first
public record LiveRecord(String model, int version, int previous, String rollout, long epoch) {
  /// Before the first rollout.
  public static LiveRecord first(String model, int version, long epoch) {
    return new LiveRecord(model, version, 0, "", epoch);
  }

  /// The same under another epoch.
  public LiveRecord taken(String byRollout, long nextEpoch) {
    return new LiveRecord(model, version, previous, byRollout, nextEpoch);
  }

  /// The same with another version live.
  public LiveRecord flipped(int next) {
    return next == version ? this : new LiveRecord(model, next, version, rollout, epoch);
  }
}
