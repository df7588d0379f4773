package io.attune.gateway.rollout;

import io.attune.gateway.rollout.record.LiveRecord;
import io.attune.gateway.rollout.record.PastRecord;
import io.attune.gateway.rollout.record.RolloutRecord;
import io.attune.gateway.rollout.record.RolloutStore;
import io.attune.gateway.rollout.record.Stored;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// Removes records of rollouts that are over, but for the newest, so that they do not pile up.
///
/// What later rollouts depend on stays: the last rollout, which a rollback takes back; and of those
/// that go, in a [PastRecord], which candidates the gate has judged and what callers named them. It
/// is written before anything is removed. Who is killed in between finds the records once more,
/// counts none of them again, as their epochs say that they are counted, and removes them.
final class Pruning {
  /// How many finished rollouts of a model are kept.
  static final int KEPT = 100;

  /// How many request ids of older ones are.
  static final int REQUESTS = 1_000;

  private Pruning() {}

  /// Removes what is too old.
  ///
  /// @param live of the model; its rollout stays
  /// @param kept how many others that are over do
  static void prune(RolloutStore store, LiveRecord live, int kept) {
    List<RolloutRecord> over =
        store.rollouts(live.model()).stream()
            .map(Stored::value)
            .filter(each -> each.isOver() && !each.id().equals(live.rollout()))
            .sorted(
                Comparator.comparingLong(RolloutRecord::epoch)) // a clock may have been put back
            .toList();
    List<RolloutRecord> gone = over.subList(0, Math.max(0, over.size() - kept));
    if (!gone.isEmpty() && isNoted(store, live.model(), gone)) {
      gone.forEach(each -> store.remove(each.id()));
    }
  }

  /// Notes what is kept of rollouts.
  ///
  /// @return false where another coordinator does so, too
  private static boolean isNoted(RolloutStore store, String model, List<RolloutRecord> gone) {
    Optional<Stored<PastRecord>> before = store.past(model);
    PastRecord past = before.map(Stored::value).orElse(PastRecord.none(model));
    PastRecord next = noted(past, gone);
    return next.equals(past) || store.past(before.orElse(null), next).isPresent();
  }

  private static PastRecord noted(PastRecord past, List<RolloutRecord> gone) {
    Attempts attempts = Attempts.of(past, gone);
    List<String> requests = new ArrayList<>(past.requests());
    gone.stream()
        .map(RolloutRecord::requestId)
        .filter(id -> !id.isEmpty() && !requests.contains(id))
        .forEach(requests::add);
    return new PastRecord(
        past.model(),
        gone.stream()
            .filter(each -> each.gate() != null) // one that never began may share its epoch
            .mapToLong(RolloutRecord::epoch)
            .reduce(past.epoch(), Math::max),
        attempts.queries(),
        attempts.tried(),
        requests.subList(Math.max(0, requests.size() - REQUESTS), requests.size()));
  }
}
