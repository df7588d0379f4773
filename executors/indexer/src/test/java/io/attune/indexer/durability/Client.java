package io.attune.indexer.durability;

import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.attune.document.Document;
import io.attune.document.DocumentArray;
import io.attune.proto.jina.DataRequestProto;
import io.attune.runtime.Parameters;
import io.attune.runtime.channel.ExecutorChannel;
import io.attune.runtime.testing.Requests;
import java.util.Collection;
import java.util.List;

/// Calls the endpoints of an indexer.
///
/// @param channel the way to it
record Client(ExecutorChannel channel) {
  private static final double ALL = 10_000;

  /// Calls an endpoint with documents, and answers its results.
  Struct call(String endpoint, Collection<Document> documents) {
    return results(channel.call(Requests.of(endpoint, DocumentArray.of(documents))));
  }

  private static Struct results(DataRequestProto answer) {
    return answer
        .getParameters()
        .getFieldsOrDefault(Parameters.RESULTS, Value.getDefaultInstance())
        .getStructValue()
        .getFieldsOrDefault("indexer", Value.getDefaultInstance())
        .getStructValue();
  }

  /// Everything that is there, with vectors.
  DocumentArray everything() {
    Struct parameters =
        Struct.newBuilder()
            .putFields("limit", Value.newBuilder().setNumberValue(ALL).build())
            .putFields("include_embeddings", Value.newBuilder().setBoolValue(true).build())
            .build();
    DataRequestProto request = Requests.of("/filter", DocumentArray.of());
    return Requests.documents(channel.call(Requests.with(request, parameters)));
  }

  /// The nearest documents of a query, with vectors.
  DocumentArray search(Document query, int limit, boolean exact) {
    Struct parameters =
        Struct.newBuilder()
            .putFields("limit", Value.newBuilder().setNumberValue(limit).build())
            .putFields("exact", Value.newBuilder().setBoolValue(exact).build())
            .putFields("include_embeddings", Value.newBuilder().setBoolValue(true).build())
            .build();
    DataRequestProto request = Requests.of("/search", DocumentArray.of(query));
    return Requests.documents(channel.call(Requests.with(request, parameters)))
        .getFirst()
        .matches();
  }

  /// Deletes ids.
  Struct delete(Collection<String> ids) {
    ListValue.Builder list = ListValue.newBuilder();
    ids.forEach(id -> list.addValues(Value.newBuilder().setStringValue(id)));
    Struct parameters =
        Struct.newBuilder().putFields("ids", Value.newBuilder().setListValue(list).build()).build();
    DataRequestProto request = Requests.of("/delete", DocumentArray.of());
    return results(channel.call(Requests.with(request, parameters)));
  }

  /// Whether a result is a list that names exactly these ids.
  static boolean names(Struct results, String key, Collection<String> ids) {
    List<String> named =
        results
            .getFieldsOrDefault(key, Value.getDefaultInstance())
            .getListValue()
            .getValuesList()
            .stream()
            .map(Value::getStringValue)
            .sorted()
            .toList();
    return named.equals(ids.stream().sorted().toList());
  }
}
