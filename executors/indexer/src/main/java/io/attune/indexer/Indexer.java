package io.attune.indexer;

import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.attune.document.Document;
import io.attune.document.DocumentArray;
import io.attune.document.query.Query;
import io.attune.indexer.generation.Content;
import io.attune.runtime.Answer;
import io.attune.runtime.Call;
import io.attune.runtime.Endpoints;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.Executor;
import io.attune.runtime.FlowException;
import io.attune.runtime.Parameters;
import io.grpc.BindableService;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
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
  private final Searches searches;
  private final ParticipantService participant;

  Indexer(String name, IndexerConfig config, Shard shard, IndexerMetrics metrics) {
    this.config = config;
    this.shard = shard;
    this.participant = new ParticipantService(name, config, shard);
    this.searches = new Searches(config, shard.admission(), metrics, shard.followers().throttle());
  }

  @Override
  public List<BindableService> adminServices() {
    return List.of(participant);
  }

  @Override
  public void bind(Endpoints endpoints) {
    endpoints
        .write("/index", this::index)
        .write("/update", this::update)
        .write("/delete", this::delete)
        .write("/clear", this::clear)
        .read("/search", searches::search)
        .read("/filter", this::filter)
        .read("/status", _ -> Answer.results(StatusReport.of(config, shard)));
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
    Set<String> ids = new LinkedHashSet<>(ids(call.parameters()));
    call.documents().forEach(document -> ids.add(document.id()));
    List<String> unknown = shard.delete(List.copyOf(ids));
    return Answer.results(counts("deleted", ids.size() - unknown.size(), unknown));
  }

  private static List<String> ids(Parameters parameters) {
    Value ids = parameters.value("ids").orElse(Value.getDefaultInstance());
    boolean isList = ids.hasListValue() || ids.getKindCase() == Value.KindCase.KIND_NOT_SET;
    List<Value> values = ids.getListValue().getValuesList();
    if (!isList || !values.stream().allMatch(Value::hasStringValue)) {
      throw FlowException.invalid(
          "ids: %s (expected: a list of strings)"
              .formatted(isList ? "a list that holds something else" : ids.getKindCase()));
    }
    return values.stream().map(Value::getStringValue).toList();
  }

  private Answer clear(Call call) {
    shard.clear();
    return Answer.unchanged();
  }

  private static Struct counts(String name, int count, List<String> unknown) {
    Struct.Builder result =
        Struct.newBuilder()
            .putFields(name, Value.newBuilder().setNumberValue((double) count).build());
    if (!unknown.isEmpty()) {
      ListValue.Builder ids = ListValue.newBuilder();
      new LinkedHashSet<>(unknown)
          .forEach(id -> ids.addValues(Value.newBuilder().setStringValue(id)));
      result.putFields("unknown", Value.newBuilder().setListValue(ids).build());
    }
    return result.build();
  }

  private Answer filter(Call call) throws IOException {
    Parameters parameters = call.parameters();
    int limit = parameters.integer("limit", config.limit(), 1, IndexerConfig.MAX_LIMIT);
    int offset = parameters.integer("offset", 0, 0, Integer.MAX_VALUE);
    boolean embeddings = parameters.bool("include_embeddings", false);
    Query filter = SearchCall.filter(parameters);
    List<Document> found = new ArrayList<>();
    Optional<Admission.Live> opened = shard.admission().live(call::ensureWanted);
    if (opened.isPresent()) {
      try (Admission.Live live = opened.get()) {
        for (Content content : live.view().filter(filter, offset, limit, call::ensureWanted)) {
          found.add(
              embeddings ? content.toDocument(live.space()) : Document.from(content.source()));
        }
      }
    }
    return Answer.of(DocumentArray.of(found));
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
