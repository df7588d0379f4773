package io.attune.indexer;

import io.attune.proto.attune.MoveRequest;

/// How many documents may be missing.
///
/// @param count how many, beside those that are left out on purpose
/// @param own what becomes of documents that came with vectors of their own
record Allowed(long count, OwnVectors own) {
  static Allowed of(MoveRequest rollout) {
    return new Allowed(rollout.getAllowMissing(), OwnVectors.of(rollout));
  }

  boolean allows(Missing missing) {
    long dropped =
        own == OwnVectors.DROP ? missing.counts().getOrDefault(Missing.Reason.OWN_VECTOR, 0L) : 0;
    return missing.count() - dropped <= count;
  }
}
