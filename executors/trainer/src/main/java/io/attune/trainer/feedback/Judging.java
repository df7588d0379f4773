package io.attune.trainer.feedback;

import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Looks up what is judged in what was shown. All that is wrong with a request is told at once, and
/// nothing of it is kept.
final class Judging {
  private static final int MOST_TOLD = 10;

  private final ImpressionLog impressions;
  private final Duration mostAge;
  private final Instant now;
  private final Map<String, Optional<Impression>> found = new HashMap<>();
  private final Map<Judgment.Key, Judgment> judgments = new HashMap<>();
  private final List<Judgment> inOrder = new ArrayList<>();
  private final List<FlowException> wrong = new ArrayList<>();

  Judging(ImpressionLog impressions, Duration mostAge, Instant now) {
    this.impressions = impressions;
    this.mostAge = mostAge;
    this.now = now;
  }

  /// @throws FlowException NOT_FOUND for what was not shown, FAILED_PRECONDITION for what was shown
  ///   too long ago, INVALID_ARGUMENT for what contradicts itself
  List<Judgment> of(List<FeedbackCall.Asked> asked) {
    for (FeedbackCall.Asked each : asked) {
      try {
        add(judgment(each));
      } catch (FlowException e) {
        wrong.add(e);
      }
    }
    if (!wrong.isEmpty()) {
      List<String> messages =
          wrong.stream().map(e -> String.valueOf(e.getMessage())).distinct().toList();
      int more = messages.size() - MOST_TOLD;
      String all = String.join("\n", messages.subList(0, Math.min(MOST_TOLD, messages.size())));
      throw new FlowException(
          wrong.getFirst().code(), more > 0 ? all + "\n… and " + more + " more" : all);
    }
    return inOrder;
  }

  private void add(Judgment judgment) {
    Judgment before = judgments.putIfAbsent(judgment.key(), judgment);
    if (before == null) {
      inOrder.add(judgment);
    } else if (before.relevant() != judgment.relevant()) {
      throw FlowException.invalid(
          "document %s: relevant and irrelevant in one request (expected: one of them)"
              .formatted(judgment.document()));
    }
  }

  private Judgment judgment(FeedbackCall.Asked asked) {
    Impression impression =
        found
            .computeIfAbsent(asked.request(), impressions::find)
            .orElseThrow(() -> unknown(asked.request()));
    Duration age = Duration.between(impression.time(), now);
    if (age.compareTo(mostAge) > 0) {
      throw new FlowException(
          ErrorCode.FAILED_PRECONDITION,
          "request_id: %s was answered at %s (expected: at most %s ago, this executor's impressions_age)"
              .formatted(asked.request(), impression.time(), Span.format(mostAge)));
    }
    Impression.Query query = query(impression, asked);
    int rank = query.rank(asked.document());
    Impression.Shown shown = query.shown().get(rank - 1);
    return new Judgment(
        asked.request(),
        query.id(),
        query.text(),
        asked.document(),
        shown.text(),
        rank,
        asked.relevant(),
        impression.models(),
        impression.time());
  }

  private static FlowException unknown(String request) {
    return new FlowException(
        ErrorCode.NOT_FOUND,
        "request_id: %s is unknown (expected: header.request_id of an answer to a search that is still kept)"
            .formatted(request));
  }

  /// The one query that a document was shown for.
  private static Impression.Query query(Impression impression, FeedbackCall.Asked asked) {
    List<Impression.Query> queries =
        asked.query().isEmpty()
            ? impression.queries()
            : impression
                .query(asked.query())
                .map(List::of)
                .orElseThrow(() -> noQuery(impression, asked));
    List<Impression.Query> showing =
        queries.stream().filter(query -> query.rank(asked.document()) > 0).toList();
    if (showing.isEmpty()) {
      throw new FlowException(
          ErrorCode.NOT_FOUND,
          "document: %s was not shown by request %s (expected: %s)"
              .formatted(asked.document(), asked.request(), shown(queries)));
    }
    if (showing.size() > 1) {
      throw FlowException.invalid(
          "document: %s was shown for several queries of request %s (expected: query, one of %s)"
              .formatted(
                  asked.document(),
                  asked.request(),
                  some(showing.stream().map(Impression.Query::id).toList())));
    }
    return showing.getFirst();
  }

  private static FlowException noQuery(Impression impression, FeedbackCall.Asked asked) {
    return new FlowException(
        ErrorCode.NOT_FOUND,
        "query: %s is none of request %s (expected: one of %s)"
            .formatted(
                asked.query(),
                asked.request(),
                some(impression.queries().stream().map(Impression.Query::id).toList())));
  }

  private static String shown(List<Impression.Query> queries) {
    List<String> ids =
        queries.stream()
            .flatMap(query -> query.shown().stream())
            .map(Impression.Shown::id)
            .distinct()
            .toList();
    return ids.isEmpty() ? "none, nothing was found" : "one of " + some(ids);
  }

  private static String some(List<String> ids) {
    return String.join(", ", ids.subList(0, Math.min(MOST_TOLD, ids.size())))
        + (ids.size() > MOST_TOLD ? ", …" : "");
  }
}
