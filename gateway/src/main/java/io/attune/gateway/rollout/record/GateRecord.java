package io.attune.gateway.rollout.record;

import io.attune.proto.attune.GateVerdict;

/// What the gate found, as it is on disk; what each means is said at `GateVerdict` in
/// `attune.proto`.
///
/// @param queries 0 where there was nothing to compare
/// @param heldOut 0 where it was not noted, as by coordinators before there was the field
public record GateRecord(
    boolean passed,
    String reason,
    String metric,
    long queries,
    int attempt,
    double live,
    double candidate,
    double gain,
    double gainLow,
    double gainHigh,
    double bound,
    double margin,
    long better,
    long worse,
    long equal,
    double liveUnjudged,
    double candidateUnjudged,
    long heldOut) {

  /// The record of a message.
  public static GateRecord of(GateVerdict message) {
    return new GateRecord(
        message.getPassed(),
        message.getReason(),
        message.getMetric(),
        message.getQueries(),
        message.getAttempt(),
        message.getLive(),
        message.getCandidate(),
        message.getGain(),
        message.getGainLow(),
        message.getGainHigh(),
        message.getBound(),
        message.getMargin(),
        message.getBetter(),
        message.getWorse(),
        message.getEqual(),
        message.getLiveUnjudged(),
        message.getCandidateUnjudged(),
        message.getHeldOut());
  }

  /// The message of the record.
  public GateVerdict toProto() {
    return GateVerdict.newBuilder()
        .setPassed(passed)
        .setReason(reason)
        .setMetric(metric)
        .setQueries(queries)
        .setAttempt(attempt)
        .setLive(live)
        .setCandidate(candidate)
        .setGain(gain)
        .setGainLow(gainLow)
        .setGainHigh(gainHigh)
        .setBound(bound)
        .setMargin(margin)
        .setBetter(better)
        .setWorse(worse)
        .setEqual(equal)
        .setLiveUnjudged(liveUnjudged)
        .setCandidateUnjudged(candidateUnjudged)
        .setHeldOut(heldOut)
        .build();
  }

  /// Where the two versions could not be compared.
  public static GateRecord nothing(String reason) {
    return of(GateVerdict.newBuilder().setReason(reason).build());
  }
}
