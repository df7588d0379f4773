package io.attune.indexer;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The documents that may be why calls failed: those that were in calls that failed without telling
/// why, and those that were in one under which the connection broke. For use by one thread.
final class Doubts {
  /// How often a document must fail alone.
  static final int ATTEMPTS = 3;

  /// The calls that failed without telling why after which documents are asked for alone. With the
  /// rests of a [Follower], about twenty seconds.
  private static final int PATIENCE = 10;

  /// How many are remembered.
  private static final int MOST = 10_000;

  private final Map<Doubted, Integer> calls = new HashMap<>();
  private final Map<Doubted, Integer> failed = new HashMap<>();
  private final Set<Doubted> breaking = new HashSet<>();

  /// A document as one record made it.
  private record Doubted(String id, long sequence) {
    static Doubted of(Reembedding job) {
      return new Doubted(job.id(), job.sequence());
    }
  }

  /// Whether some of these must be asked for alone.
  boolean isAny(List<Reembedding> jobs) {
    return !(calls.isEmpty() && breaking.isEmpty())
        && jobs.stream()
            .map(Doubted::of)
            .anyMatch(job -> breaking.contains(job) || calls.getOrDefault(job, 0) >= PATIENCE);
  }

  /// They were in a call that failed without telling why.
  void failedTogether(List<Reembedding> jobs) {
    forgetIfMany();
    jobs.forEach(job -> calls.merge(Doubted.of(job), 1, Integer::sum));
  }

  /// They were in a call under which the connection broke.
  void brokeTogether(List<Reembedding> jobs) {
    forgetIfMany();
    jobs.forEach(job -> breaking.add(Doubted.of(job)));
  }

  /// One failed alone, while the embedder worked before or behind it.
  ///
  /// @return how often it has
  int failedAlone(Reembedding job) {
    return failed.merge(Doubted.of(job), 1, Integer::sum);
  }

  /// Whether one has failed often enough not to be asked for any more.
  boolean isGivenUp(Reembedding job) {
    return failed.getOrDefault(Doubted.of(job), 0) >= ATTEMPTS;
  }

  /// One was embedded.
  void trust(Reembedding job) {
    Doubted trusted = Doubted.of(job);
    calls.remove(trusted);
    failed.remove(trusted);
    breaking.remove(trusted);
  }

  private void forgetIfMany() {
    if (calls.size() > MOST || breaking.size() > MOST) {
      calls.clear();
      failed.clear();
      breaking.clear();
    }
  }
}
