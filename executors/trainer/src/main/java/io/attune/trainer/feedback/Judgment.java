package io.attune.trainer.feedback;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What somebody said of a document that a search had shown.
///
/// @param request the id of the search's request
/// @param query the query's id
/// @param queryText the query as it was judged
/// @param document the document's id
/// @param text the document as it was judged; null once it was deleted
/// @param rank where it was shown, counted from 1
/// @param relevant whether it belongs to the query
/// @param models the versions that served the search, as `name@version`
/// @param searched when the search was answered; null in files of before that was noted
record Judgment(
    String request,
    String query,
    String queryText,
    String document,
    @Nullable String text,
    int rank,
    boolean relevant,
    List<String> models,
    @Nullable Instant searched) {
  Judgment {
    models = List.copyOf(models);
  }

  /// What it is of; a later judgment of the same replaces an earlier one.
  record Key(String request, String query, String document) {}

  Key key() {
    return new Key(request, query, document);
  }

  Judgment withoutText() {
    return new Judgment(
        request, query, queryText, document, null, rank, relevant, models, searched);
  }
}
