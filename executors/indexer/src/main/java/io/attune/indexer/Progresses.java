package io.attune.indexer;

import io.attune.proto.attune.NotEmbeddable;
import io.attune.proto.attune.Progress;
import java.util.Locale;

/// Writes the messages that tell how far a shard is.
final class Progresses {
  private static final int NAMED = 100;

  private Progresses() {}

  /// What cannot be embedded.
  static Progress.Builder of(Missing missing) {
    Progress.Builder progress = Progress.newBuilder().setMissing(missing.count());
    missing
        .first(NAMED)
        .forEach((id, reason) ->
            progress.addMissingDocuments(
                NotEmbeddable.newBuilder().setId(id).setReason(reason.phrase())));
    return progress;
  }

  /// How far a follower is.
  static Progress.Builder of(Follower follower, Missing missing) {
    FollowerState.Progress state = follower.state().progress();
    String message = state.phase().name().toLowerCase(Locale.ROOT);
    return of(missing)
        .setDone(state.done())
        .setTotal(state.total())
        .setMessage(state.problem().isEmpty() ? message : message + ": " + state.problem());
  }
}
