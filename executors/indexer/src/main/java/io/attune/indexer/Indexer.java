package io.attune.indexer;

import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.attune.document.Document;
import io.attune.document.DocumentArray;
import io.attune.document.NdArray;
import io.attune.document.Score;
import io.attune.document.query.Query;
import io.attune.indexer.generation.Content;
import io.attune.indexer.generation.Generation;
import io.attune.indexer.generation.Hit;
import io.attune.indexer.generation.SearchAnswer;
import io.attune.indexer.generation.SearchOptions;
import io.attune.indexer.generation.Unit;
import io.attune.indexer.generation.View;
import io.attune.indexer.log.LogStatistics;
import io.attune.runtime.Answer;
import io.attune.runtime.Call;
import io.attune.runtime.Endpoints;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.Executor;
import io.attune.runtime.FlowException;
import io.attune.runtime.Parameters;
import io.micrometer.core.instrument.Timer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Keeps documents by their vectors and finds the nearest: `uses: Indexer`.
///
/// `/index` stores documents (of one id the last counts), `/update` replaces those that are there,
/// `/delete` removes those of the request's ids (documents, or the parameter `ids`), `/clear`
/// removes all. `/search` adds `matches` ([SearchCall]), `/filter` answers the documents that a
/// filter accepts, `/status` says what is there.
public final class Indexer implements Executor {
  private final IndexerConfig config;
  private final Shard shard;
  private final IndexerMetrics metrics;

  Indexer(IndexerConfig config, Shard shard, IndexerMetrics metrics) {
    this.config = config;
    this.shard = shard;
    this.metrics = metrics;
  }

  @Override
  public void bind(Endpoints endpoints) {
    endpoints
        .write("/index", this::index)
        .write("/update", this::update)
        .write("/delete", this::delete)
        .write("/clear", this::clear)
        .read("/search", this::search)
        .read("/filter", this::filter)
        .read("/status", this::status);
  }

  private Answer index(Call call) {
    shard.index(call.documents(), call.parameters().string("space", ""));
    return Answer.results(counts("indexed", call.documents().size(), List.of()));
  }

  private Answer update(Call call) {
    List<String> unknown = shard.update(call.documents(), call.parameters().string("space", ""));
    return Answer.results(counts("updated", call.documents().size() - unknown.size(), unknown));
  }

  private Answer delete(Call call) {
    Set<String> ids = new LinkedHashSet<>();
    call.documents().forEach(document -> ids.add(document.id()));
    call.parameters()
        .value("ids")
        .ifPresent(value -> value.getListValue().getValuesList().forEach(id -> ids.add(text(id))));
    List<String> unknown = shard.delete(List.copyOf(ids));
    return Answer.results(counts("deleted", ids.size() - unknown.size(), unknown));
  }

  private static String text(Value id) {
    if (!id.hasStringValue()) {
      throw FlowException.invalid("ids: " + id.getKindCase() + " (expected: a list of strings)");
    }
    return id.getStringValue();
  }

  private Answer clear(Call call) {
    shard.clear();
    return Answer.unchanged();
  }

  private static Struct counts(String name, int count, List<String> unknown) {
    ListValue.Builder ids = ListValue.newBuilder();
    unknown.forEach(id -> ids.addValues(Value.newBuilder().setStringValue(id)));
    Struct.Builder result = Struct.newBuilder().putFields(name, number(count));
    if (!unknown.isEmpty()) {
      result.putFields("unknown", Value.newBuilder().setListValue(ids).build());
    }
    return result.build();
  }

  private static Value number(long value) {
    return Value.newBuilder().setNumberValue((double) value).build();
  }

  private Answer search(Call call) throws IOException {
    Timer.Sample sample = metrics.start();
    SearchOptions options = SearchCall.options(call.parameters(), config);
    List<Document> queries = SearchCall.queries(call.documents(), call.parameters());
    Vectors vectors = shard.vectors(call.parameters().string("space", ""));
    Map<String, List<Document>> bySpace = new LinkedHashMap<>();
    List<Vectors.Checked> checked = new ArrayList<>();
    for (Document query : queries) {
      Vectors.Checked each = vectors.query(query);
      checked.add(each);
      bySpace.computeIfAbsent(each.space(), _ -> new ArrayList<>()).add(query);
    }
    long visited = 0;
    for (String space : bySpace.keySet()) {
      visited += searchSpace(space, queries, checked, options);
    }
    metrics.searched(sample, queries.size(), visited);
    return Answer.unchanged();
  }

  private long searchSpace(
      String space, List<Document> queries, List<Vectors.Checked> checked, SearchOptions options)
      throws IOException {
    List<Document> chosen = new ArrayList<>();
    List<float[]> targets = new ArrayList<>();
    Optional<View> opened = Optional.empty();
    try {
      for (int i = 0; i < queries.size(); i++) {
        if (checked.get(i).space().equals(space)) {
          String name = "document " + queries.get(i).id();
          if (opened.isEmpty()) {
            opened = shard.view(checked.get(i), name);
          } else {
            shard.requireDimension(checked.get(i), name);
          }
          chosen.add(queries.get(i));
          targets.add(checked.get(i).vector());
        }
      }
      if (opened.isEmpty()) {
        chosen.forEach(query -> query.matches(List.of()));
        return 0;
      }
      SearchAnswer answer = opened.get().search(targets, options);
      for (int i = 0; i < chosen.size(); i++) {
        chosen.get(i).matches(matches(answer.hits().get(i), space));
      }
      return answer.visited();
    } finally {
      if (opened.isPresent()) {
        opened.get().close();
      }
    }
  }

  private List<Document> matches(List<Hit> hits, String space) {
    List<Document> matches = new ArrayList<>(hits.size());
    for (Hit hit : hits) {
      Document match = Document.from(hit.source());
      float[] embedding = hit.embedding();
      if (embedding != null) {
        match.embedding(NdArray.of(embedding), space);
      }
      matches.add(match.score(config.metric().label(), score(hit, match)));
    }
    return matches;
  }

  /// The distance; where a chunk was nearest its id is the reference.
  private static Score score(Hit hit, Document match) {
    Document nearest = match;
    for (int position : Unit.positions(hit.path())) {
      nearest = nearest.chunks().get(position);
    }
    return new Score(hit.distance(), "", "", hit.path().isEmpty() ? "" : nearest.id());
  }

  private Answer filter(Call call) throws IOException {
    Parameters parameters = call.parameters();
    int limit = parameters.integer("limit", config.limit(), 1, IndexerConfig.MAX_LIMIT);
    int offset = parameters.integer("offset", 0, 0, Integer.MAX_VALUE);
    boolean embeddings = parameters.bool("include_embeddings", false);
    Query filter = SearchCall.filter(parameters);
    List<Document> found = new ArrayList<>();
    for (Generation generation : shard.generations()) {
      try (View view = generation.view()) {
        for (Content content : view.filter(filter, offset, limit)) {
          found.add(
              embeddings
                  ? content.toDocument(generation.spec().space())
                  : Document.from(content.source()));
        }
      }
    }
    return Answer.of(DocumentArray.of(found));
  }

  private Answer status(Call call) throws IOException {
    Struct.Builder status = Struct.newBuilder();
    status.putFields("metric", Value.newBuilder().setStringValue(config.metric().label()).build());
    ListValue.Builder generations = ListValue.newBuilder();
    long documents = 0;
    for (Generation generation : shard.generations()) {
      try (View view = generation.view()) {
        documents += view.documents();
        generations.addValues(Value.newBuilder().setStructValue(status(generation, view)));
      }
    }
    LogStatistics log = shard.statistics();
    status
        .putFields("documents", number(documents))
        .putFields("generations", Value.newBuilder().setListValue(generations).build())
        .putFields("applied", number(shard.applied()))
        .putFields("log_segments", number(log.segments()))
        .putFields("log_bytes_written", number(log.writtenBytes()))
        .putFields("shard", number(config.shard()))
        .putFields("shards", number(config.shards()));
    if (!log.stopReason().isEmpty()) {
      status.putFields(
          "writes_stopped", Value.newBuilder().setStringValue(log.stopReason()).build());
    }
    return Answer.results(status.build());
  }

  private static Struct status(Generation generation, View view) throws IOException {
    return Struct.newBuilder()
        .putFields("space", Value.newBuilder().setStringValue(generation.spec().space()).build())
        .putFields("dimension", number(generation.spec().dimension()))
        .putFields("documents", number(view.documents()))
        .putFields("vectors", number(view.vectors()))
        .putFields("committed", number(generation.committed()))
        .build();
  }

  @Override
  public void close() {
    try {
      shard.close();
    } catch (IOException e) {
      throw new FlowException(ErrorCode.INTERNAL, "index: could not be closed: " + e, e);
    }
  }
}
