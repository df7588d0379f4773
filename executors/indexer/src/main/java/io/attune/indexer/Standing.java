package io.attune.indexer;

import io.attune.indexer.generation.Generation;
import io.attune.proto.attune.ModelStanding;
import io.attune.proto.attune.ParticipantStanding;
import java.io.IOException;

/// Says where a shard is in rollouts.
final class Standing {
  private Standing() {}

  static ParticipantStanding of(String name, IndexerConfig config, Shard shard) throws IOException {
    ParticipantStanding.Builder standing =
        ParticipantStanding.newBuilder().setKind("indexer").setName(name).setShard(config.shard());
    Rollout rollout = shard.spaces().manifest().rollout();
    if (rollout != null) {
      standing.addModels(of(rollout, shard));
    }
    return standing.build();
  }

  private static ModelStanding of(Rollout rollout, Shard shard) throws IOException {
    ModelStanding.Builder model =
        ModelStanding.newBuilder()
            .setModel(rollout.model())
            .setRollout(rollout.id())
            .setEpoch(rollout.epoch())
            .setState(rollout.state())
            .setReached(rollout.isReached())
            .setRefusal(rollout.refusal());
    for (Generation each : shard.generations()) {
      String version = version(each.spec().space(), rollout);
      model.addHeld(held(each, version, shard));
      if (shard.spaces().isLive(each.spec().space())) {
        model.setLive(version);
      }
    }
    return model.build();
  }

  /// The version of a space in a rollout; empty for another.
  private static String version(String space, Rollout rollout) {
    if (rollout.keepsSpace() && space.equals(rollout.to())) {
      return rollout.wasLive() && !rollout.isTakenBack()
          ? rollout.command().getToVersion()
          : rollout.command().getFromVersion();
    }
    if (space.equals(rollout.to())) {
      return rollout.command().getToVersion();
    }
    return space.equals(rollout.from()) ? rollout.command().getFromVersion() : "";
  }

  private static ModelStanding.Held held(Generation generation, String version, Shard shard)
      throws IOException {
    String space = generation.spec().space();
    Followers.Running running = shard.followers().of(space);
    boolean isReady =
        running == null
            ? shard.followers().isSearchable(space)
            : running.follower().state().isReady();
    return ModelStanding.Held.newBuilder()
        .setVersion(version)
        .setSpace(space)
        .setPosition(Math.max(0, shard.followers().position(generation)))
        .setBytes(shard.spaces().bytes(space))
        .setReady(isReady)
        .build();
  }
}
