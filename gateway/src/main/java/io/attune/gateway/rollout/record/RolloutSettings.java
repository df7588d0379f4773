package io.attune.gateway.rollout.record;

import io.attune.proto.attune.OwnVectors;
import io.attune.proto.attune.RolloutOptions;
import io.attune.runtime.FlowException;
import org.jspecify.annotations.Nullable;

/// How a rollout goes, checked; what each means is said at `RolloutOptions` in `attune.proto`.
///
/// @param documentsPerSecond 0 for no limit
/// @param canaryShare 0 to 1
/// @param minGain null for no gate
/// @param drainSeconds how long the old version stays after the new one is live
public record RolloutSettings(
    OwnVectors ownVectors,
    long allowMissing,
    double documentsPerSecond,
    double canaryShare,
    int canarySeconds,
    boolean shadow,
    @Nullable Double minGain,
    boolean force,
    int drainSeconds) {
  private static final int MOST_SECONDS = 604_800;
  private static final int DRAIN_SECONDS = 600;

  /// @throws FlowException (INVALID_ARGUMENT) where one is out of its range
  public RolloutSettings {
    require(ownVectors != OwnVectors.UNRECOGNIZED, "own_vectors", ownVectors, "refuse, keep, drop");
    require(allowMissing >= 0, "allow_missing", Long.toUnsignedString(allowMissing), "0..2^63-1");
    requirePace(documentsPerSecond);
    require(canaryShare >= 0 && canaryShare <= 1, "canary_share", canaryShare, "0..1");
    require(isTime(canarySeconds), "canary_seconds", canarySeconds, "0.." + MOST_SECONDS);
    require(!shadow || canaryShare > 0, "shadow", "true", "a canary_share above 0");
    require(minGain == null || (minGain >= -1 && minGain <= 1), "min_gain", minGain, "-1..1");
    require(isTime(drainSeconds), "drain_seconds", drainSeconds, "0.." + MOST_SECONDS);
  }

  /// Reads what a caller asks for.
  ///
  /// @throws FlowException (INVALID_ARGUMENT) where one is out of its range
  public static RolloutSettings of(RolloutOptions options) {
    return new RolloutSettings(
        options.getOwnVectors(),
        options.getAllowMissing(),
        options.getDocumentsPerSecond(),
        options.getCanaryShare(),
        options.getCanarySeconds(),
        options.getShadow(),
        options.hasMinGain() ? options.getMinGain() : null,
        options.getForce(),
        options.hasDrainSeconds() ? options.getDrainSeconds() : DRAIN_SECONDS);
  }

  /// The message that [#of] reads.
  public RolloutOptions toProto() {
    RolloutOptions.Builder options =
        RolloutOptions.newBuilder()
            .setOwnVectors(ownVectors)
            .setAllowMissing(allowMissing)
            .setDocumentsPerSecond(documentsPerSecond)
            .setCanaryShare(canaryShare)
            .setCanarySeconds(canarySeconds)
            .setShadow(shadow)
            .setForce(force)
            .setDrainSeconds(drainSeconds);
    if (minGain != null) {
      options.setMinGain(minGain);
    }
    return options.build();
  }

  /// The same with another pace.
  ///
  /// @throws FlowException (INVALID_ARGUMENT) where it is none
  public RolloutSettings withPace(double perSecond) {
    return new RolloutSettings(
        ownVectors,
        allowMissing,
        perSecond,
        canaryShare,
        canarySeconds,
        shadow,
        minGain,
        force,
        drainSeconds);
  }

  /// The same without canary, shadow and gate.
  public RolloutSettings withoutTrial() {
    return new RolloutSettings(
        ownVectors, allowMissing, documentsPerSecond, 0, 0, false, null, false, drainSeconds);
  }

  /// Whether searches are shared between the versions before the new one is live.
  public boolean hasCanary() {
    return canaryShare > 0;
  }

  private static void requirePace(double perSecond) {
    require(
        perSecond >= 0 && Double.isFinite(perSecond),
        "documents_per_second",
        perSecond,
        "0 or more");
  }

  private static boolean isTime(int seconds) {
    return seconds >= 0 && seconds <= MOST_SECONDS;
  }

  private static void require(boolean holds, String key, @Nullable Object value, String expected) {
    if (!holds) {
      throw FlowException.invalid("%s: %s (expected: %s)".formatted(key, value, expected));
    }
  }
}
