package io.attune.indexer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Struct;
import io.attune.document.Document;
import io.attune.document.DocumentArray;
import io.attune.document.NdArray;
import io.attune.proto.jina.DataRequestProto;
import io.attune.runtime.ExecutorContext;
import io.attune.runtime.registry.ExecutorRegistry;
import io.attune.runtime.testing.Requests;
import io.attune.runtime.testing.TestServer;
import io.grpc.StatusRuntimeException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `uses: Indexer` found by its name and served.
class IndexerServerTest {
  @TempDir Path workspace;

  private static DataRequestProto ask(
      TestServer server, String endpoint, DocumentArray documents, Struct parameters) {
    return server
        .single()
        .processSingleData(Requests.with(Requests.of(endpoint, documents), parameters));
  }

  private static Document document(String id, float... vector) {
    return Document.create().id(id).embedding(NdArray.of(vector));
  }

  @Test
  void indexesAndSearchesOverTheWire() {
    Struct with = IndexerHarness.parameters("space", "external").struct();
    Struct none = Struct.getDefaultInstance();
    ExecutorContext context =
        new ExecutorContext(
            "indexer",
            new io.attune.runtime.Parameters(with),
            workspace,
            new SimpleMeterRegistry());
    try (TestServer server =
        TestServer.of(ExecutorRegistry.load().create("Indexer", context), context)) {
      DataRequestProto stored =
          ask(server, "/index", DocumentArray.of(document("a", 1, 0), document("b", 0, 1)), none);
      assertThat(result(stored).getFieldsOrThrow("indexed").getNumberValue()).isEqualTo(2);
      Struct one = IndexerHarness.parameters("limit", 1).struct();
      DataRequestProto found = ask(server, "/search", DocumentArray.of(document("q", 1, 0)), one);
      assertThat(Requests.documents(found).getFirst().matches())
          .extracting(Document::id)
          .containsExactly("a");
      DataRequestProto gone =
          ask(
              server,
              "/delete",
              DocumentArray.of(Document.create().id("x"), Document.create().id("a")),
              none);
      assertThat(result(gone).getFieldsOrThrow("unknown").getListValue().getValues(0))
          .extracting(value -> value.getStringValue())
          .isEqualTo("x");
      assertThatThrownBy(() ->
              ask(
                  server,
                  "/search",
                  DocumentArray.of(document("q", 1, 0)),
                  IndexerHarness.parameters("limit", 0).struct()))
          .isInstanceOf(StatusRuntimeException.class)
          .hasMessage("INVALID_ARGUMENT: limit: 0 (expected: a whole number 1..10000)");
    }
  }

  private static Struct result(DataRequestProto answer) {
    return answer
        .getParameters()
        .getFieldsOrThrow("__results__")
        .getStructValue()
        .getFieldsOrThrow("indexer")
        .getStructValue();
  }
}
