package io.attune.gateway.rollout.record;

import io.attune.proto.attune.VersionJudgments;

/// What people said of the searches of a rollout's CANARY, as it is on disk.
public record JudgedRecord(String rollout, Count from, Count to) {
  /// Of one version; what each means is said at `VersionJudgments` in `attune.proto`.
  public record Count(
      long searches,
      long relevant,
      long irrelevant,
      double reciprocalRank,
      double reciprocalRankLow,
      double reciprocalRankHigh) {

    /// The record of a message.
    public static Count of(VersionJudgments message) {
      return new Count(
          message.getSearches(),
          message.getRelevant(),
          message.getIrrelevant(),
          message.getReciprocalRank(),
          message.getReciprocalRankLow(),
          message.getReciprocalRankHigh());
    }

    /// The message of the record.
    public VersionJudgments toProto() {
      return VersionJudgments.newBuilder()
          .setSearches(searches)
          .setRelevant(relevant)
          .setIrrelevant(irrelevant)
          .setReciprocalRank(reciprocalRank)
          .setReciprocalRankLow(reciprocalRankLow)
          .setReciprocalRankHigh(reciprocalRankHigh)
          .build();
    }
  }

  /// Nothing.
  public static JudgedRecord nothing(String rollout) {
    Count none = Count.of(VersionJudgments.getDefaultInstance());
    return new JudgedRecord(rollout, none, none);
  }
}
