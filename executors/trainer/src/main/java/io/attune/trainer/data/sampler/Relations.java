package io.attune.trainer.data.sampler;

import static io.attune.trainer.data.Supervision.Sessions.NEGATIVE;

import io.attune.trainer.data.Dataset;
import io.attune.trainer.data.TrainingData;
import io.attune.trainer.data.UnionFind;

/// Which sessions are known to be about the same: those connected over equal anchors and positives.
final class Relations {
  private final TrainingData data;
  private final Dataset.Sessions sessions;
  private final UnionFind contents;
  private final boolean[] belongs;

  private Relations(
      TrainingData data, Dataset.Sessions sessions, UnionFind contents, boolean[] belongs) {
    this.data = data;
    this.sessions = sessions;
    this.contents = contents;
    this.belongs = belongs;
  }

  static Relations of(TrainingData data, Dataset.Sessions sessions) {
    UnionFind contents = new UnionFind(data.contentCount());
    boolean[] belongs = new boolean[data.contentCount()];
    for (int session = 0; session < sessions.count(); session++) {
      int anchor = data.content(sessions.anchor(session));
      for (int entry = sessions.starts()[session];
          entry < sessions.starts()[session + 1];
          entry++) {
        if (sessions.roles()[entry] != NEGATIVE) {
          int content = data.content(sessions.items()[entry]);
          contents.union(anchor, content);
          belongs[content] = true;
        }
      }
    }
    return new Relations(data, sessions, contents, belongs);
  }

  /// What a session is about: equal for sessions that must not meet.
  int of(int session) {
    return contents.find(data.content(sessions.anchor(session)));
  }

  /// Whether a negative of one session is known to belong to another of a batch.
  ///
  /// @param chosen the batch's sessions
  /// @param own which of them the negative is of
  boolean isForeign(int item, int[] chosen, int own) {
    int content = data.content(item);
    if (!belongs[content]) {
      return false;
    }
    int about = contents.find(content);
    for (int i = 0; i < chosen.length; i++) {
      if (i != own && of(chosen[i]) == about) {
        return true;
      }
    }
    return false;
  }

  /// Whether a session's negatives belong to another of a batch.
  boolean clashes(int[] chosen, int own) {
    int session = chosen[own];
    for (int entry = sessions.starts()[session]; entry < sessions.starts()[session + 1]; entry++) {
      if (sessions.roles()[entry] == NEGATIVE && isForeign(sessions.items()[entry], chosen, own)) {
        return true;
      }
    }
    return false;
  }
}
