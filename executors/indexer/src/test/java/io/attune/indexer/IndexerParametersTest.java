package io.attune.indexer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import com.google.protobuf.util.JsonFormat;
import io.attune.document.Document;
import io.attune.document.DocumentArray;
import io.attune.document.NdArray;
import io.attune.runtime.Call;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.Parameters;
import io.grpc.Context;
import java.nio.file.Path;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Malformed and hostile parameters and options; none of them changes the index.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class IndexerParametersTest {
  private IndexerHarness indexer;

  @BeforeAll
  void open(@TempDir Path workspace) throws Exception {
    indexer = new IndexerHarness(workspace, "space", "external");
    DocumentArray documents = DocumentArray.of();
    for (int i = 0; i < 5; i++) {
      documents.add(
          Document.ofText("a".repeat(40) + "b")
              .id("d" + i)
              .tag("n", i)
              .embedding(NdArray.of(new float[] {1, i})));
    }
    indexer.call("/index", documents);
  }

  @AfterAll
  void close() {
    indexer.close();
  }

  private static Struct struct(String json) {
    Struct.Builder struct = Struct.newBuilder();
    try {
      JsonFormat.parser().merge(json, struct);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException(json, e);
    }
    return struct.build();
  }

  private static Document query() {
    return Document.create().id("q").embedding(NdArray.of(new float[] {1, 0}));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"limit\": 0} | limit: 0 (expected: a whole number 1..10000)",
        "{\"limit\": -1} | limit: -1 (expected: a whole number 1..10000)",
        "{\"limit\": 10001} | limit: 10001 (expected: a whole number 1..10000)",
        "{\"limit\": 1e300} | limit: 1.0E300 (expected: a whole number 1..10000)",
        "{\"limit\": \"NaN\"} | limit: \"NaN\" (expected: a number)",
        "{\"limit\": 2.5} | limit: 2.5 (expected: a whole number 1..10000)",
        "{\"limit\": [1]} | limit: a list (expected: a number)",
        "{\"offset\": -1} | offset: -1 (expected: a whole number 0..10000)",
        "{\"offset\": 10001} | offset: 10001 (expected: a whole number 0..10000)",
        "{\"ef\": 0} | ef: 0 (expected: a whole number 1..10000)",
        "{\"ef\": {}} | ef: an object (expected: a number)",
        "{\"exact\": \"yes\"} | exact: \"yes\" (expected: true or false)",
        "{\"exact\": 1} | exact: 1 (expected: true or false)",
        "{\"threshold\": \"near\"} | threshold: \"near\" (expected: a number)",
        "{\"include_embeddings\": 0} | include_embeddings: 0 (expected: true or false)",
        "{\"filter\": \"x\"} | filter: \"x\" (expected: an object)",
        "{\"filter\": []} | filter: a list (expected: an object)",
        "{\"on\": \"\"} | on:  (expected: @r, @c, @cc or several as @r,c)",
        "{\"on\": \"@\"} | on: @ (expected: @r, @c, @cc or several as @r,c)",
        "{\"on\": \"@m\"} | on: @m (expected: @r, @c, @cc or several as @r,c)",
        "{\"on\": \"@r,,c\"} | on: @r,,c (expected: @r, @c, @cc or several as @r,c)",
        "{\"on\": 3} | on: 3 (expected: a string)",
        "{\"space\": 7} | space: 7 (expected: a string)",
      })
  void searchesRefuseParametersAndSayWhatIsExpected(String json, String message) {
    assertThatThrownBy(() -> indexer.call("/search", DocumentArray.of(query()), struct(json)))
        .isInstanceOfSatisfying(
            FlowException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
        .hasMessage(message);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"traversal_paths\": \"@x\"}",
        "{\"traversal_paths\": \"\"}",
        "{\"filter\": {\"tags__n\": {\"$between\": [1, 2]}}}",
        "{\"filter\": {\"tags__n\": {\"$in\": 3}}}",
        "{\"filter\": {\"tags__n\": {\"$size\": 1.5}}}",
        "{\"filter\": {\"text\": {\"$regex\": \"(\"}}}",
        "{\"filter\": {\"__\": {\"$eq\": 1}}}",
        "{\"filter\": {\"no_field\": {\"$eq\": 1}}}",
        "{\"filter\": {\"embedding\": {\"$lt\": 1}}}",
      })
  void searchesRefuseWhatIsNoPathOrFilter(String json) {
    assertThatThrownBy(() -> indexer.call("/search", DocumentArray.of(query()), struct(json)))
        .isInstanceOfSatisfying(
            FlowException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
        .message()
        .startsWith(json.contains("filter") ? "filter: " : "traversal_paths: ")
        .contains("expected");
  }

  @Test
  void aPatternThatTakesForEverIsGivenUp() {
    Struct hostile = struct("{\"filter\": {\"text\": {\"$regex\": \"(.*a){12}c\"}}}");
    for (String endpoint : new String[] {"/search", "/filter"}) {
      assertThatThrownBy(() -> indexer.call(endpoint, DocumentArray.of(query()), hostile))
          .isInstanceOf(FlowException.class)
          .hasMessageStartingWith("filter: ");
    }
  }

  @Test
  void deepFiltersAreAnsweredOrRefused() {
    StringBuilder json = new StringBuilder("{\"tags__n\": {\"$eq\": 1}}");
    for (int i = 0; i < 20; i++) {
      json.insert(0, "{\"$not\": ").append('}');
    }
    Struct nested = struct(json.toString());
    for (int i = 0; i < 5_000; i++) {
      Struct inner = nested;
      nested =
          Struct.newBuilder()
              .putFields(
                  "$not", com.google.protobuf.Value.newBuilder().setStructValue(inner).build())
              .build();
    }
    Struct hostile = nested;
    assertThatThrownBy(() -> indexer.call("/filter", DocumentArray.of(), "filter", hostile))
        .isInstanceOf(FlowException.class)
        .hasMessageStartingWith("filter: ");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"ids\": \"d1\"} | ids: STRING_VALUE (expected: a list of strings)",
        "{\"ids\": [\"d1\", 2]} | ids: a list that holds something else (expected: a list of strings)",
        "{\"ids\": {\"d1\": true}} | ids: STRUCT_VALUE (expected: a list of strings)",
      })
  void deletesRefuseWhatAreNoIds(String json, String message) throws Exception {
    assertThatThrownBy(() -> indexer.call("/delete", DocumentArray.of(), struct(json)))
        .hasMessage(message);
    assertThat(indexer.search(query())).hasSize(5);
  }

  @Test
  void deletesWithoutIdsDeleteNothing() throws Exception {
    indexer.call("/delete", DocumentArray.of());
    indexer.call("/delete", DocumentArray.of(Document.create().id("")));
    indexer.call("/delete", DocumentArray.of(), struct("{\"ids\": []}"));
    assertThat(indexer.search(query())).hasSize(5);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"metrics\": \"dot\"} | metrics: unknown option of Indexer (expected: commit_interval_ms, dimension, ef, ef_construction, encoder, limit, log_segment_bytes, m, metric, quantize, shard, shards, space)",
        "{\"metric\": \"l2\"} | metric: l2 (expected: cosine, euclidean, dot)",
        "{\"metric\": 1} | metric: 1 (expected: a string)",
        "{\"dimension\": 4097} | dimension: 4097 (expected: a whole number 0..4096)",
        "{\"dimension\": -1} | dimension: -1 (expected: a whole number 0..4096)",
        "{\"m\": 1} | m: 1 (expected: a whole number 2..512)",
        "{\"ef_construction\": 3201} | ef_construction: 3201 (expected: a whole number 1..3200)",
        "{\"quantize\": \"int4\"} | quantize: int4 (expected: none, int8)",
        "{\"quantize\": true} | quantize: true (expected: a string)",
        "{\"ef\": 0} | ef: 0 (expected: a whole number 1..10000)",
        "{\"limit\": 0} | limit: 0 (expected: a whole number 1..10000)",
        "{\"commit_interval_ms\": 9} | commit_interval_ms: 9 (expected: a whole number 10..3600000)",
        "{\"shard\": 1} | shard: 1 (expected: 0..0)",
        "{\"shards\": 0} | shards: 0 (expected: a whole number 1..1024)",
        "{\"space\": \"a\\nb\"} | space: control characters (expected: a name)",
      })
  void refusesOptionsAndSaysWhatIsExpected(String json, String message) {
    assertThatThrownBy(() -> IndexerConfig.of(new Parameters(struct(json))))
        .isInstanceOf(FlowException.class)
        .hasMessage(message);
  }

  @Test
  void takesEveryOption() {
    IndexerConfig config =
        IndexerConfig.of(
            new Parameters(
                struct(
                    """
                    {"metric": "dot", "dimension": 7, "space": "external", "m": 9,
                     "ef_construction": 33, "quantize": "int8", "ef": 44, "limit": 5,
                     "commit_interval_ms": 60, "log_segment_bytes": 5000, "shard": 1, "shards": 3,
                     "encoder": "e:1, grpc://f:2"}
                    """)));
    assertThat(config.toString())
        .isEqualTo(
            "IndexerConfig[metric=DOT, dimension=7, space=external, graph=GraphOptions[maxConnections=9, efConstruction=33, quantized=true], candidates=44, limit=5, commitInterval=PT0.06S, logSegmentBytes=5000, shard=1, shards=3, encoder=[grpc://e:1, grpc://f:2]]");
    assertThat(IndexerConfig.defaults().toString())
        .isEqualTo(
            "IndexerConfig[metric=COSINE, dimension=0, space=, graph=GraphOptions[maxConnections=16, efConstruction=100, quantized=false], candidates=128, limit=20, commitInterval=PT5S, logSegmentBytes=67108864, shard=0, shards=1, encoder=[]]");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/search", "/filter"})
  void stopsWhenNobodyWaitsAnyMore(String endpoint) {
    Context.CancellableContext context = Context.ROOT.withCancellation();
    context.cancel(new CancellationException());
    Parameters parameters = new Parameters(struct("{\"filter\": {\"text\": {\"$regex\": \"a\"}}}"));
    Call call = IndexerHarness.call(endpoint, DocumentArray.of(query()), parameters, context);
    assertThatThrownBy(() -> indexer.call(call))
        .isInstanceOfSatisfying(
            FlowException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CANCELLED));
  }
}
