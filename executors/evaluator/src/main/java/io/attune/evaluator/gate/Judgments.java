package io.attune.evaluator.gate;

import io.attune.evaluator.metrics.Ranking;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What people said of documents that were shown for a query: some are relevant, some are not, and
/// most were never judged.
///
/// An unjudged document is neither right nor wrong, so rankings are condensed: what is unjudged is
/// taken out before the metrics look (Sakai 2007, "Alternatives to Bpref"). A candidate that finds
/// good documents nobody has seen yet is not punished for it. How much was taken out is told, as a
/// ranking of which little is left says little.
public final class Judgments {
  private final Map<String, Map<String, Boolean>> byQuery = new HashMap<>();

  /// Notes what was said of a document; a later word replaces an earlier one.
  public void add(String query, String document, boolean relevant) {
    byQuery.computeIfAbsent(query, _ -> new HashMap<>()).put(document, relevant);
  }

  /// Takes back what was said of a document.
  ///
  /// @return whether anything had been said
  public boolean remove(String query, String document) {
    Map<String, Boolean> judged = byQuery.getOrDefault(query, Map.of());
    if (!judged.containsKey(document)) {
      return false;
    }
    judged.remove(document);
    if (judged.isEmpty()) {
      byQuery.remove(query);
    }
    return true;
  }

  /// The queries of which something is judged.
  public Set<String> queries() {
    return Set.copyOf(byQuery.keySet());
  }

  /// A ranking of judged documents.
  ///
  /// @param ranking what is left of the ranking
  /// @param retrieved how many of the first k documents there were
  /// @param unjudged how many of those nobody has judged
  public record Condensed(Ranking ranking, int retrieved, int unjudged) {}

  /// What a query retrieved, without what is unjudged.
  ///
  /// @param retrieved the ids of the matches, the nearest first; one that comes again is ignored
  /// @param k of how many of the first the unjudged are counted, 1 or more
  public Condensed condense(String query, Collection<String> retrieved, int k) {
    Map<String, Boolean> judged = byQuery.getOrDefault(query, Map.of());
    List<Boolean> kept = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    int unjudged = 0;
    for (String id : retrieved) {
      if (!seen.add(id)) {
        continue;
      }
      Boolean relevant = judged.get(id);
      if (relevant != null) {
        kept.add(relevant);
      } else if (seen.size() <= k) {
        unjudged++;
      }
    }
    boolean[] relevance = new boolean[kept.size()];
    for (int i = 0; i < relevance.length; i++) {
      relevance[i] = kept.get(i);
    }
    int relevant = (int) judged.values().stream().filter(each -> each).count();
    return new Condensed(
        Ranking.of(query, relevance, relevant), Math.min(seen.size(), k), unjudged);
  }

  /// The share of the first k documents of all rankings that nobody has judged; 0 where nothing was
  /// retrieved.
  public static double unjudgedShare(Collection<Condensed> rankings) {
    long retrieved = rankings.stream().mapToLong(Condensed::retrieved).sum();
    long unjudged = rankings.stream().mapToLong(Condensed::unjudged).sum();
    return retrieved == 0 ? 0 : (double) unjudged / retrieved;
  }
}
