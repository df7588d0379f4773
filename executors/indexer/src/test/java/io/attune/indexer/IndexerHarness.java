package io.attune.indexer;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.attune.document.Document;
import io.attune.document.DocumentArray;
import io.attune.runtime.Access;
import io.attune.runtime.Answer;
import io.attune.runtime.Call;
import io.attune.runtime.Endpoints;
import io.attune.runtime.Executor;
import io.attune.runtime.ExecutorContext;
import io.attune.runtime.Handler;
import io.attune.runtime.Parameters;
import io.attune.runtime.Priority;
import io.grpc.Context;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// An [Indexer] in a folder, called without a server.
final class IndexerHarness implements AutoCloseable {
  final MeterRegistry meters = new SimpleMeterRegistry();
  final Map<String, Access> access = new HashMap<>();
  private final Map<String, Handler> handlers = new HashMap<>();
  private final Executor executor;

  IndexerHarness(Path workspace, Object... with) {
    executor =
        new IndexerFactory()
            .create(new ExecutorContext("indexer", parameters(with), workspace, meters));
    executor.bind(
        new Endpoints() {
          @Override
          public Endpoints bind(String endpoint, Access allowed, Handler handler) {
            handlers.put(endpoint, handler);
            access.put(endpoint, allowed);
            return this;
          }
        });
  }

  /// Parameters of alternating names and values.
  static Parameters parameters(Object... namesAndValues) {
    Struct.Builder struct = Struct.newBuilder();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      struct.putFields((String) namesAndValues[i], value(namesAndValues[i + 1]));
    }
    return new Parameters(struct.build());
  }

  private static Value value(Object value) {
    return switch (value) {
      case String text -> Value.newBuilder().setStringValue(text).build();
      case Number number -> Value.newBuilder().setNumberValue(number.doubleValue()).build();
      case Boolean truth -> Value.newBuilder().setBoolValue(truth).build();
      case Struct struct -> Value.newBuilder().setStructValue(struct).build();
      case Value other -> other;
      default -> throw new IllegalArgumentException(value.toString());
    };
  }

  Answer call(String endpoint, DocumentArray documents, Object... parameters) throws Exception {
    return call(Call.of(endpoint, documents, parameters(parameters)));
  }

  Answer call(String endpoint, DocumentArray documents, Struct parameters) throws Exception {
    return call(Call.of(endpoint, documents, new Parameters(parameters)));
  }

  Answer call(Call call) throws Exception {
    Handler handler = handlers.get(call.endpoint());
    if (handler == null) {
      throw new IllegalArgumentException(call.endpoint());
    }
    return handler.handle(call);
  }

  /// A call whose context may be cancelled.
  static Call call(
      String endpoint, DocumentArray documents, Parameters parameters, Context context) {
    return new Call(
        endpoint, "", documents, parameters, List.of(), Priority.INTERACTIVE, null, context);
  }

  Answer index(Document... documents) throws Exception {
    return call("/index", DocumentArray.of(documents));
  }

  /// Searches for one query and answers its matches.
  DocumentArray search(Document query, Object... parameters) throws Exception {
    call("/search", DocumentArray.of(query), parameters);
    return query.matches();
  }

  @Override
  public void close() {
    executor.close();
  }
}
