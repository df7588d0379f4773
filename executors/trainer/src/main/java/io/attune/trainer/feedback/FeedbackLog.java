package io.attune.trainer.feedback;

import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// The judgments of a folder, durable and append-only. What each says, without its texts, is in
/// memory.
///
/// Thread-safe; the lock guards everything.
final class FeedbackLog implements AutoCloseable {
  /// How the versions are called of a search that had no stamp.
  private static final String UNKNOWN = "unknown";

  private final InstantSource clock;
  private final LatelyErased lately;
  private final ReentrantLock lock = new ReentrantLock();
  private final FeedbackFile file;
  private final Map<Judgment.Key, Said> said = new LinkedHashMap<>();
  private final Set<String> withText = new HashSet<>();
  private long number;

  /// @param undone whether it was taken back
  /// @param models the versions that served the search
  /// @param searched when the search was answered; null where that is not known
  private record Said(
      boolean relevant, boolean undone, List<String> models, int rank, @Nullable Instant searched) {
    static Said of(Judgment judgment) {
      return new Said(
          judgment.relevant(), false, judgment.models(), judgment.rank(), judgment.searched());
    }

    Said takenBack() {
      return new Said(relevant, true, models, rank, searched);
    }

    /// The versions as one name.
    String name() {
      return models.isEmpty() ? UNKNOWN : String.join(", ", models);
    }
  }

  private FeedbackLog(Path folder, InstantSource clock, LatelyErased lately) throws IOException {
    this.clock = clock;
    this.lately = lately;
    this.file = FeedbackFile.open(folder, this::apply);
  }

  /// Opens the log of a folder, made where there is none.
  ///
  /// @throws FlowException DATA_LOSS where it is damaged
  static FeedbackLog open(Path folder, InstantSource clock, LatelyErased lately)
      throws IOException {
    return new FeedbackLog(folder, clock, lately);
  }

  private void apply(FeedbackEntry entry) {
    for (Judgment each : entry.judged()) {
      said.put(each.key(), Said.of(each));
      if (each.text() != null) {
        withText.add(each.document());
      }
    }
    for (Judgment.Key key : entry.undone()) {
      said.computeIfPresent(key, (_, was) -> was.takenBack());
    }
    number = entry.number();
  }

  /// What became of judgments.
  ///
  /// @param judged new ones, or ones that replace another
  /// @param same ones that were there already
  record Added(int judged, int same) {}

  /// Adds judgments, all or none; durable when this returns.
  Added add(List<Judgment> judgments) {
    lock.lock();
    try {
      List<Judgment> news = new ArrayList<>();
      for (Judgment each : judgments) {
        Said was = said.get(each.key());
        if (was == null || was.undone() || was.relevant() != each.relevant()) {
          news.add(lately.has(each.document()) ? each.withoutText() : each);
        }
      }
      if (!news.isEmpty()) {
        append(news, List.of());
      }
      return new Added(news.size(), judgments.size() - news.size());
    } finally {
      lock.unlock();
    }
  }

  /// What became of what was to be taken back.
  ///
  /// @param undone taken back now
  /// @param same taken back before
  record Undone(int undone, int same) {}

  /// Takes judgments back, all or none; durable when this returns.
  ///
  /// @param request the search's request
  /// @param query its query; empty for any
  /// @param documents the documents; empty for all that were judged
  /// @throws FlowException NOT_FOUND where one was never judged
  Undone undo(String request, String query, Set<String> documents) {
    lock.lock();
    try {
      List<Judgment.Key> undone = new ArrayList<>();
      Set<String> unknown = new HashSet<>(documents);
      int same = 0;
      boolean any = false;
      for (Map.Entry<Judgment.Key, Said> each : said.entrySet()) {
        Judgment.Key key = each.getKey();
        if (key.request().equals(request)
            && (query.isEmpty() || key.query().equals(query))
            && (documents.isEmpty() || documents.contains(key.document()))) {
          any = true;
          unknown.remove(key.document());
          if (each.getValue().undone()) {
            same++;
          } else {
            undone.add(key);
          }
        }
      }
      if (!any || !unknown.isEmpty()) {
        throw new FlowException(
            ErrorCode.NOT_FOUND,
            "request_id: %s: %s (expected: what /feedback was told)"
                .formatted(
                    request,
                    unknown.isEmpty() ? "nothing was judged" : "not judged: " + sorted(unknown)));
      }
      if (!undone.isEmpty()) {
        append(List.of(), undone);
      }
      return new Undone(undone.size(), same);
    } finally {
      lock.unlock();
    }
  }

  private static String sorted(Set<String> ids) {
    return String.join(", ", ids.stream().sorted().limit(10).toList());
  }

  private void append(List<Judgment> judged, List<Judgment.Key> undone) {
    FeedbackEntry entry = new FeedbackEntry(number + 1, clock.instant(), judged, undone);
    file.append(entry);
    apply(entry);
  }

  /// Removes the texts of documents, from the file too, before it returns. What was said of them
  /// stays.
  void erase(Erasure erasure) {
    lock.lock();
    try {
      boolean any = erasure.all() ? !withText.isEmpty() : withText.stream().anyMatch(erasure::has);
      if (any) {
        file.erase(erasure);
        withText.removeIf(erasure::has);
      }
    } finally {
      lock.unlock();
    }
  }

  /// The judgments that stand, in the order in which they were first made.
  List<Judgment> judgments() {
    lock.lock();
    try {
      Map<Judgment.Key, Judgment> standing = new LinkedHashMap<>();
      var _ = FeedbackFile.read(file.folder(), entry -> apply(entry, standing));
      return List.copyOf(standing.values());
    } catch (IOException | UncheckedIOException e) {
      throw new FlowException(ErrorCode.INTERNAL, "feedback: cannot be read: " + e.getMessage(), e);
    } finally {
      lock.unlock();
    }
  }

  /// Lets an entry tell on judgments.
  static void apply(FeedbackEntry entry, Map<Judgment.Key, Judgment> standing) {
    entry.judged().forEach(each -> standing.put(each.key(), each));
    entry.undone().forEach(standing::remove);
  }

  /// Judgments that stand.
  record Count(int relevant, int irrelevant) {
    Count and(boolean isRelevant) {
      return new Count(relevant + (isRelevant ? 1 : 0), irrelevant + (isRelevant ? 0 : 1));
    }
  }

  /// How it stands.
  ///
  /// @param versions by what served the searches
  record Standing(Map<String, Count> versions, int undone, long entries, long bytes) {}

  Standing standing() {
    lock.lock();
    try {
      Map<String, Count> versions = new TreeMap<>();
      int undone = 0;
      for (Said each : said.values()) {
        if (each.undone()) {
          undone++;
        } else {
          versions.merge(
              each.name(),
              new Count(0, 0).and(each.relevant()),
              (was, _) -> was.and(each.relevant()));
        }
      }
      return new Standing(versions, undone, number, file.size());
    } finally {
      lock.unlock();
    }
  }

  /// What was said of the searches that were answered at a time or later, by each version that
  /// served them.
  Map<String, JudgedSearches> since(Instant time) {
    lock.lock();
    try {
      Map<String, JudgedSearches> versions = new TreeMap<>();
      said.forEach((key, each) -> {
        Instant searched = each.searched();
        if (!each.undone() && searched != null && !searched.isBefore(time)) {
          for (String version : each.models()) {
            versions
                .computeIfAbsent(version, _ -> new JudgedSearches())
                .add(key, each.rank(), each.relevant());
          }
        }
      });
      return versions;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() throws IOException {
    lock.lock();
    try {
      file.close();
    } finally {
      lock.unlock();
    }
  }
}
