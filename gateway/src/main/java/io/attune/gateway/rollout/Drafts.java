package io.attune.gateway.rollout;

import io.attune.gateway.rollout.record.LiveRecord;
import io.attune.gateway.rollout.record.RolloutRecord;
import io.attune.gateway.rollout.record.RolloutSettings;
import io.attune.proto.attune.ModelStanding;
import io.attune.proto.attune.RolloutState;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;

/// New rollouts: whether what is asked for can be, and how it begins.
///
/// @param options of the coordinator that starts them
/// @param members who takes part
record Drafts(Coordinator.Options options, Members members, InstantSource clock) {
  private static final DateTimeFormatter ID =
      DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss").withZone(ZoneOffset.UTC);

  /// A rollout, from what is live when it begins.
  ///
  /// @param version empty for the newest
  /// @param requestId empty for none
  /// @throws FlowException NOT_FOUND or FAILED_PRECONDITION with the reason
  Function<LiveRecord, RolloutRecord> of(
      String model, String version, RolloutSettings settings, String requestId) {
    requireComplete();
    Catalog.Entry to = options.catalog().find(version.isEmpty() ? model : model + "@" + version);
    if (settings.minGain() != null && !settings.force()) {
      options.judge().require();
    }
    long seen = greatestEpoch(model);
    return live -> first(live, to, settings, requestId, seen);
  }

  /// The greatest epoch that a participant has seen for a model.
  private long greatestEpoch(String model) {
    return members.present().stream()
        .flatMap(member -> member.peer().standing().getModelsList().stream())
        .filter(each -> each.getModel().equals(model))
        .mapToLong(ModelStanding::getEpoch)
        .max()
        .orElse(0);
  }

  private RolloutRecord first(
      LiveRecord live, Catalog.Entry to, RolloutSettings settings, String requestId, long seen) {
    int version = to.version().version();
    if (live.version() == version) {
      throw new FlowException(
          ErrorCode.FAILED_PRECONDITION,
          "version: %s is live (expected: another)".formatted(to.version()));
    }
    Catalog.Entry from = options.catalog().find(live.model() + "@" + live.version());
    Instant now = clock.instant();
    return new RolloutRecord(
        "%s-%04x".formatted(ID.format(now), ThreadLocalRandom.current().nextInt(0x10000)),
        requestId,
        live.model(),
        live.version(),
        version,
        from.space(),
        to.space(),
        from.dimension(),
        to.dimension(),
        settings,
        Math.max(live.epoch(), seen) + 1,
        RolloutState.PREPARING,
        false,
        false,
        "",
        List.of(new RolloutRecord.Step(RolloutState.PREPARING, now.toEpochMilli(), 0)),
        members.present().stream()
            .filter(member -> member.isConcernedWith(live.model()))
            .map(member -> member.identity().toString())
            .toList(),
        null);
  }

  /// An executor of the Flow that did not register would go on with the old version.
  private void requireComplete() {
    List<Member> present = members.present();
    options
        .expected()
        .forEach((name, count) -> {
          long here = present.stream().filter(each -> each.identity().name().equals(name)).count();
          if (here < count) {
            throw new FlowException(
                ErrorCode.FAILED_PRECONDITION,
                "executor %s: %d of %d take part (expected: all, each with the option coordinator)"
                    .formatted(name, here, count));
          }
        });
  }
}
