package io.attune.indexer;

import io.attune.document.Document;
import io.attune.document.Score;
import io.attune.indexer.generation.Hit;
import io.attune.indexer.generation.SearchAnswer;
import io.attune.indexer.generation.SearchOptions;
import io.attune.indexer.generation.Unit;
import io.attune.indexer.generation.View;
import io.attune.runtime.Answer;
import io.attune.runtime.Call;
import io.micrometer.core.instrument.Timer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Answers `/search`: gives each query the matches of its space, nearest first.
final class Searches {
  private final IndexerConfig config;
  private final Admission admission;
  private final IndexerMetrics metrics;
  private final Throttle throttle;

  /// @param throttle told of every search, as others yield to it
  Searches(IndexerConfig config, Admission admission, IndexerMetrics metrics, Throttle throttle) {
    this.config = config;
    this.admission = admission;
    this.metrics = metrics;
    this.throttle = throttle;
  }

  /// A query document and its vector.
  private record Target(Document query, Vectors.Checked vector) {
    String name() {
      return "document " + query.id();
    }
  }

  Answer search(Call call) throws IOException {
    Timer.Sample sample = metrics.start();
    throttle.searched();
    SearchOptions options = SearchCall.options(call.parameters(), config);
    List<Document> queries = SearchCall.queries(call.documents(), call.parameters());
    Vectors vectors = admission.vectors(call.parameters().string("space", ""));
    Map<String, List<Target>> bySpace = new LinkedHashMap<>();
    for (Document query : queries) {
      Vectors.Checked vector = vectors.query(query);
      bySpace
          .computeIfAbsent(vector.space(), _ -> new ArrayList<>())
          .add(new Target(query, vector));
    }
    long visited = 0;
    for (List<Target> targets : bySpace.values()) {
      visited += search(targets, options, call::ensureWanted);
    }
    metrics.searched(sample, queries.size(), visited);
    return Answer.unchanged();
  }

  /// Searches for the targets of one space, and answers how many vectors were compared.
  private long search(List<Target> targets, SearchOptions options, Runnable ensureWanted)
      throws IOException {
    Target first = targets.getFirst();
    Optional<View> opened = admission.view(first.vector(), first.name(), ensureWanted);
    if (opened.isEmpty()) {
      targets.forEach(target -> target.query().matches(List.of()));
      return 0;
    }
    try (View view = opened.get()) {
      targets.forEach(target -> admission.requireDimension(target.vector(), target.name()));
      List<float[]> vectors = targets.stream().map(target -> target.vector().vector()).toList();
      SearchAnswer answer = view.search(vectors, options, ensureWanted);
      for (int i = 0; i < targets.size(); i++) {
        targets.get(i).query().matches(matches(answer.hits().get(i), first.vector().space()));
      }
      return answer.visited();
    }
  }

  private List<Document> matches(List<Hit> hits, String space) {
    List<Document> matches = new ArrayList<>(hits.size());
    for (Hit hit : hits) {
      matches.add(match(hit, hit.content().toDocument(space)));
    }
    return matches;
  }

  /// The match with its distance; where a chunk was nearest it carries the distance, too, and its
  /// id is the score's reference.
  private Document match(Hit hit, Document match) {
    String metric = config.metric().label();
    if (hit.path().isEmpty()) {
      return match.score(metric, Score.of(hit.distance()));
    }
    Document nearest = match;
    for (int position : Unit.positions(hit.path())) {
      nearest = nearest.chunks().get(position);
    }
    nearest.score(metric, Score.of(hit.distance()));
    return match.score(metric, new Score(hit.distance(), "", "", nearest.id()));
  }
}
