package io.attune.trainer.feedback;

import io.attune.document.Document;
import io.attune.evaluator.split.QuerySplit.Side;
import io.attune.trainer.data.Tags;
import io.attune.trainer.data.Texts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Judgments as training data: each query with its matches, labelled 1 for what belongs to it and
/// -1 for what does not, the form that `/fit` takes.
///
/// Queries whose texts are the same but for case and white space are one. What several people said
/// of one document for one query is decided by the greater number; as many for as against decide
/// nothing, and it is left out. The text is the one judged last.
///
/// @param queries with their matches, in the order in which they were first judged
/// @param judgments how many went into it
/// @param undecided documents that as many people took for relevant as for irrelevant
/// @param withoutText judgments of documents that were deleted, or had no text
public record FeedbackSet(List<Document> queries, int judgments, int undecided, int withoutText) {
  private static final int RELEVANT = 1;
  private static final int IRRELEVANT = -1;

  public FeedbackSet {
    queries = List.copyOf(queries);
  }

  /// What may be trained on of what a folder of the executor `Feedback` holds now: without the
  /// queries that judge. Another process may be writing to it.
  ///
  /// @throws io.attune.runtime.FlowException DATA_LOSS where it is damaged
  public static FeedbackSet forTraining(Path folder) throws IOException {
    Map<Judgment.Key, Judgment> standing = new LinkedHashMap<>();
    var _ = FeedbackFile.read(folder, entry -> FeedbackLog.apply(entry, standing));
    QuerySides.Sides sides = QuerySides.of(folder);
    return of(
        standing.values().stream()
            .filter(each -> sides.of(each.queryText()) == Side.TRAIN)
            .toList());
  }

  /// How many judgments were made in a folder, those included that were replaced or taken back
  /// since.
  ///
  /// @throws io.attune.runtime.FlowException DATA_LOSS where it is damaged
  public static long judged(Path folder) throws IOException {
    long[] judged = new long[1];
    var _ = FeedbackFile.read(folder, entry -> judged[0] += entry.judged().size());
    return judged[0];
  }

  /// The size of a folder's judgments on the disk: where it has not changed, nothing was judged.
  public static long bytes(Path folder) throws IOException {
    Path file = folder.resolve(FeedbackFile.NAME);
    return Files.exists(file) ? Files.size(file) : 0;
  }

  static FeedbackSet of(Collection<Judgment> judgments) {
    Map<String, Votes> byQuery = new LinkedHashMap<>();
    int erased = 0;
    for (Judgment each : judgments) {
      String text = each.text();
      String query = Texts.normalized(each.queryText());
      if (text == null || text.isBlank() || query.isEmpty()) {
        erased++;
      } else {
        byQuery.computeIfAbsent(query, _ -> new Votes(each)).add(each, text);
      }
    }
    List<Document> queries = new ArrayList<>();
    Set<String> taken = new HashSet<>();
    int undecided = 0;
    for (Votes votes : byQuery.values()) {
      List<Document> matches = votes.matches();
      undecided += votes.size() - matches.size();
      if (!matches.isEmpty()) {
        queries.add(Document.ofText(votes.text).id(free(votes.id, taken)).matches(matches));
      }
    }
    return new FeedbackSet(queries, judgments.size() - erased, undecided, erased);
  }

  /// Clients number their queries as they like.
  private static String free(String id, Set<String> taken) {
    String free = id;
    for (int i = 2; !taken.add(free); i++) {
      free = id + "-" + i;
    }
    return free;
  }

  /// What was said of the documents of one query.
  private static final class Votes {
    private final String id;
    private final String text;
    private final Map<String, Vote> byDocument = new LinkedHashMap<>();

    private record Vote(String text, int sum) {}

    Votes(Judgment first) {
      this.id = first.query();
      this.text = first.queryText();
    }

    void add(Judgment judgment, String text) {
      int vote = judgment.relevant() ? RELEVANT : IRRELEVANT;
      byDocument.merge(
          judgment.document(),
          new Vote(text, vote),
          (before, now) -> new Vote(now.text(), before.sum() + now.sum()));
    }

    int size() {
      return byDocument.size();
    }

    List<Document> matches() {
      List<Document> matches = new ArrayList<>();
      byDocument.forEach((document, vote) -> {
        if (vote.sum() != 0) {
          matches.add(
              Document.ofText(vote.text())
                  .id(document)
                  .tag(Tags.LABEL, (double) (vote.sum() > 0 ? RELEVANT : IRRELEVANT)));
        }
      });
      return matches;
    }
  }
}
