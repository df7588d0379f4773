package io.attune.trainer.feedback;

import io.attune.document.Document;
import io.attune.runtime.Call;
import io.attune.runtime.ModelVersion;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// What one answer to a search showed.
///
/// @param request the request's id
/// @param time when it was answered
/// @param models the versions that served it, as `name@version`; none where the request had no
///   stamp
/// @param queries the queries of the request
record Impression(String request, Instant time, List<String> models, List<Query> queries) {
  private static final int DEEPEST = 8;

  Impression {
    models = List.copyOf(models);
    queries = List.copyOf(queries);
  }

  /// A query and what was shown for it, the first rank first.
  record Query(String id, String text, List<Shown> shown) {
    Query {
      shown = List.copyOf(shown);
    }

    /// The rank of a document, counted from 1; 0 where it was not shown.
    int rank(String document) {
      for (int i = 0; i < shown.size(); i++) {
        if (shown.get(i).id().equals(document)) {
          return i + 1;
        }
      }
      return 0;
    }
  }

  /// A document that was shown.
  ///
  /// @param text null where it was erased since
  record Shown(String id, @Nullable String text) {}

  /// What the documents of a search show.
  ///
  /// @param mostShown how many matches of a query are noted
  /// @param mostBytes the size past which no further match is noted, in bytes of text
  static Impression of(Call call, Instant time, int mostShown, long mostBytes) {
    List<Query> queries = new ArrayList<>();
    Room room = new Room(mostShown, mostBytes);
    call.documents().forEach(document -> add(document, 0, room, queries));
    List<String> models = call.models().stream().map(ModelVersion::toString).toList();
    return new Impression(call.requestId(), time, models, queries);
  }

  /// What may still be noted.
  private static final class Room {
    private final int mostShown;
    private long left;

    Room(int mostShown, long mostBytes) {
      this.mostShown = mostShown;
      this.left = mostBytes;
    }

    /// Whether a text and an id have room; if so they take it.
    boolean takes(String id, String text) {
      long size = id.length() + (long) text.length();
      if (size > left) {
        left = 0;
        return false;
      }
      left -= size;
      return true;
    }
  }

  /// Root documents are queries; chunks are where matches were added to them.
  private static void add(Document document, int depth, Room room, List<Query> queries) {
    boolean isQuery = depth == 0 || document.matchCount() > 0;
    if (isQuery && room.takes(document.id(), document.text())) {
      List<Shown> shown = new ArrayList<>();
      for (Document match : document.matches()) {
        if (shown.size() == room.mostShown || !room.takes(match.id(), match.text())) {
          break;
        }
        shown.add(new Shown(match.id(), match.text()));
      }
      queries.add(new Query(document.id(), document.text(), shown));
    }
    if (depth < DEEPEST && document.chunkCount() > 0) {
      document.chunks().forEach(chunk -> add(chunk, depth + 1, room, queries));
    }
  }

  /// The query of an id.
  Optional<Query> query(String id) {
    return queries.stream().filter(query -> query.id().equals(id)).findFirst();
  }

  /// The same without the texts of what was erased.
  ///
  /// @param erased whether a document of an id was
  Impression without(Predicate<String> erased) {
    List<Query> kept = new ArrayList<>();
    for (Query query : queries) {
      List<Shown> shown =
          query.shown().stream()
              .map(each -> erased.test(each.id()) ? new Shown(each.id(), null) : each)
              .toList();
      kept.add(new Query(query.id(), query.text(), shown));
    }
    return new Impression(request, time, models, kept);
  }

  /// About how much memory it takes, in bytes.
  long size() {
    long size = 200;
    for (Query query : queries) {
      size += 100 + query.id().length() + query.text().length();
      for (Shown each : query.shown()) {
        String text = each.text();
        size += 100 + each.id().length() + (text == null ? 0 : text.length());
      }
    }
    return size;
  }
}
