package io.attune.gateway.rollout;

import io.attune.proto.attune.ModelStanding;
import io.attune.proto.attune.ParticipantStanding;
import java.util.List;

/// A participant that takes part now. One that comes back after it was away is another member.
///
/// @param standing where it was when it came
record Member(Identity identity, Peer peer, ParticipantStanding standing) {
  /// Where it was with a model when it came; the default where it has no part in it.
  ModelStanding of(String model) {
    return standing.getModelsList().stream()
        .filter(each -> each.getModel().equals(model))
        .findFirst()
        .orElse(ModelStanding.getDefaultInstance());
  }

  /// The models of which it holds versions.
  List<String> models() {
    return standing.getModelsList().stream().map(ModelStanding::getModel).toList();
  }

  /// Whether rollouts of a model concern it: shards and gateways have a part in all.
  boolean isConcernedWith(String model) {
    return switch (identity.kind()) {
      case ENCODER -> models().contains(model);
      case INDEXER, GATEWAY -> true;
    };
  }
}
