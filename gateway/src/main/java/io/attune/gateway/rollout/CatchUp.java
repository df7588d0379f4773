package io.attune.gateway.rollout;

import io.attune.gateway.rollout.record.RolloutRecord;
import io.attune.proto.attune.ModelStanding;
import io.attune.proto.attune.ModelStanding.Held;
import io.attune.runtime.FlowException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// Looks whether shards hold in the old version's generation what was acknowledged, before searches
/// go back to it: they would wait for what it lacks.
final class CatchUp {
  private static final Duration LOOK = Duration.ofMillis(20);

  private CatchUp() {}

  /// Waits until all shards do that can be reached; no version is searched in the others.
  ///
  /// @return who does not after that time, and how much it lacks
  static List<String> await(RolloutRecord rollout, Members members, Duration atMost)
      throws InterruptedException {
    long end = System.nanoTime() + atMost.toNanos();
    List<String> behind = behind(rollout, members);
    while (!behind.isEmpty() && System.nanoTime() - end < 0) {
      Thread.sleep(LOOK);
      behind = behind(rollout, members);
    }
    return behind;
  }

  private static List<String> behind(RolloutRecord rollout, Members members) {
    return members.present().stream()
        .filter(member -> member.identity().kind() == Identity.Kind.INDEXER)
        .flatMap(member -> lag(rollout, member).stream())
        .toList();
  }

  private static Optional<String> lag(RolloutRecord rollout, Member member) {
    try {
      return member.peer().standing().getModelsList().stream()
          .filter(each -> each.getRollout().equals(rollout.id()))
          .flatMap(each -> writesBehind(rollout, each).stream())
          .map(writes -> "%s is %d writes behind".formatted(member.identity(), writes))
          .findFirst();
    } catch (FlowException _) {
      return Optional.empty();
    }
  }

  private static Optional<Long> writesBehind(RolloutRecord rollout, ModelStanding standing) {
    long last = standing.getHeldList().stream().mapToLong(Held::getPosition).max().orElse(0);
    return standing.getHeldList().stream()
        .filter(held -> held.getVersion().equals(Integer.toString(rollout.from())))
        .filter(held -> !held.getReady())
        .map(held -> last - held.getPosition())
        .findFirst();
  }
}
