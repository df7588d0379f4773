package io.attune.gateway.rollout;

import io.attune.gateway.rollout.record.LiveRecord;
import io.attune.gateway.rollout.record.RolloutRecord;
import io.attune.proto.attune.MoveRequest;
import io.attune.proto.attune.RolloutState;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What a coordinator commands, and in which order.
final class Commands {
  /// The rollout that stands for the time before the first, which only gateways hear of.
  static final String INITIAL = "initial";

  private static final Set<Identity.Kind> ALL = EnumSet.allOf(Identity.Kind.class);
  private static final Set<Identity.Kind> GATEWAYS = EnumSet.of(Identity.Kind.GATEWAY);
  private static final Set<Identity.Kind> SHARDS = EnumSet.of(Identity.Kind.INDEXER);
  private static final Set<Identity.Kind> ENCODERS = EnumSet.of(Identity.Kind.ENCODER);
  private static final Set<Identity.Kind> EXECUTORS =
      EnumSet.of(Identity.Kind.ENCODER, Identity.Kind.INDEXER);

  private Commands() {}

  /// Who is commanded after whom: a version is given up by shards, then by encoders, and by both
  /// only when no gateway has a request with it under way any more.
  static List<Set<Identity.Kind>> waves(@Nullable RolloutRecord rollout) {
    if (rollout == null) {
      return List.of(GATEWAYS);
    }
    return switch (rollout.state()) {
      case PREPARING, REINDEXING, READY, CANARY -> List.of(ALL);
      case LIVE -> List.of(GATEWAYS, EXECUTORS);
      case RETIRED, ROLLED_BACK, ROLLOUT_FAILED -> List.of(GATEWAYS, SHARDS, ENCODERS);
      case ROLLOUT_STATE_UNSPECIFIED, UNRECOGNIZED -> throw new IllegalStateException();
    };
  }

  /// The command that a rollout's state is.
  ///
  /// @param encoder where shards embed again; empty for what they know themselves
  static MoveRequest of(RolloutRecord rollout, String encoder) {
    return MoveRequest.newBuilder()
        .setRollout(rollout.id())
        .setEpoch(rollout.epoch())
        .setModel(rollout.model())
        .setFromVersion(Integer.toString(rollout.from()))
        .setToVersion(Integer.toString(rollout.to()))
        .setFromSpace(rollout.fromSpace())
        .setToSpace(rollout.toSpace())
        .setFromDimension(rollout.fromDimension())
        .setDimension(rollout.dimension())
        .setState(rollout.state())
        .setOwnVectors(rollout.settings().ownVectors())
        .setAllowMissing(rollout.settings().allowMissing())
        .setDocumentsPerSecond(rollout.settings().documentsPerSecond())
        .setPaused(rollout.paused())
        .setEncoder(encoder)
        .setCanaryShare(rollout.settings().canaryShare())
        .setShadow(rollout.settings().shadow())
        .build();
  }

  /// What gateways are told where there was no rollout yet.
  static MoveRequest initial(LiveRecord live) {
    return MoveRequest.newBuilder()
        .setRollout(INITIAL)
        .setEpoch(live.epoch())
        .setModel(live.model())
        .setToVersion(Integer.toString(live.version()))
        .setState(RolloutState.RETIRED)
        .build();
  }
}
