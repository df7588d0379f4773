package io.attune.indexer;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.protobuf.ByteString;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.attune.document.Document;
import io.attune.document.DocumentArray;
import io.attune.document.NdArray;
import io.attune.document.Score;
import io.attune.proto.docarray.DocumentProto;
import io.attune.proto.docarray.NdArrayProto;
import io.attune.proto.docarray.SparseNdArrayProto;
import io.attune.runtime.FlowException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What vectors and documents the indexer takes, and that what it refuses leaves no trace.
class IndexerVectorsTest {
  @TempDir Path workspace;

  private IndexerHarness open(Object... with) {
    Object[] all = Arrays.copyOf(with, with.length + 2);
    all[with.length] = "space";
    all[with.length + 1] = "external";
    return new IndexerHarness(workspace, all);
  }

  private static Document document(String id, float... vector) {
    return Document.create().id(id).embedding(NdArray.of(vector));
  }

  @ParameterizedTest
  @CsvSource({
    "1, cosine, none", "4096, cosine, none", "4096, dot, none", "4096, euclidean, none",
    "1, cosine, int8", "4096, cosine, int8", "4096, dot, int8", "1, euclidean, int8"
  })
  void takesDimensionsFrom1To4096(int dimension, String metric, String quantize) throws Exception {
    Random random = new Random(7);
    float[][] vectors = new float[20][dimension];
    for (float[] vector : vectors) {
      for (int i = 0; i < dimension; i++) {
        vector[i] = (float) random.nextGaussian();
      }
    }
    try (IndexerHarness indexer = open("metric", metric, "quantize", quantize)) {
      for (int i = 0; i < vectors.length; i++) {
        indexer.index(document("d" + i, vectors[i]));
      }
      for (boolean exact : new boolean[] {true, false}) {
        DocumentArray matches =
            indexer.search(
                document("q", vectors[3]), "exact", exact, "include_embeddings", true, "limit", 20);
        assertThat(matches).hasSize(20);
        Document own = matches.find("d3").orElseThrow();
        assertThat(own.embedding().orElseThrow().floats())
            .containsExactly(vectors[3], within(1e-5f));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 4097, 100_000})
  void refusesOtherDimensions(int dimension) {
    float[] vector = new float[dimension];
    Arrays.fill(vector, 1);
    try (IndexerHarness indexer = open()) {
      assertThatThrownBy(() -> indexer.index(document("wide", vector)))
          .hasMessageStartingWith("document wide: ")
          .hasMessageContaining("expected: ");
    }
  }

  @Test
  void aZeroVectorIsRefusedUnderCosineOnlyAndBeforeTheLog() throws Exception {
    try (IndexerHarness indexer = open()) {
      assertThatThrownBy(() -> indexer.index(document("a", 1, 0), document("b", 0, 0)))
          .hasMessage(
              "document b: zero embedding (expected: one with a direction, as the metric is cosine)");
      assertThat(number(indexer, "applied")).isZero();
      assertThat(number(indexer, "log_bytes_written")).isZero();
      indexer.index(document("a", 1e-30f, 0));
      assertThat(indexer.search(document("q", 1, 0))).hasSize(1);
      assertThatThrownBy(() -> indexer.search(document("q", 0, 0))).hasMessageContaining("zero");
    }
  }

  private static double number(IndexerHarness indexer, String name) throws Exception {
    return indexer
        .call("/status", DocumentArray.of())
        .results()
        .getFieldsOrThrow(name)
        .getNumberValue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"euclidean", "dot"})
  void takesZeroVectorsWhereTheyHaveADistance(String metric) throws Exception {
    try (IndexerHarness indexer = open("metric", metric)) {
      indexer.index(document("zero", 0, 0), document("one", 1, 0));
      assertThat(indexer.search(document("q", 0, 0)))
          .extracting(match -> match.scores().get(metric))
          .extracting(score -> score == null ? -1 : score.value())
          .containsExactly(0f, metric.equals("dot") ? 0f : 1f);
    }
  }

  @Test
  void maximumInnerProductTakesVectorsOfAnyLength() throws Exception {
    try (IndexerHarness indexer = open("metric", "dot")) {
      indexer.index(
          document("long", 1e17f, 0),
          document("short", 1e-20f, 0),
          document("against", -5, 0),
          document("unit", 1, 0));
      DocumentArray matches = indexer.search(document("q", 2, 1));
      assertThat(matches)
          .extracting(Document::id)
          .containsExactly("long", "unit", "short", "against");
      assertThat(matches)
          .extracting(match -> match.scores().get("dot"))
          .extracting(score -> score == null ? 0 : score.value())
          .containsExactly(-2e17f, -2f, -2e-20f, 10f);
      assertThatThrownBy(() -> indexer.index(document("longer", 1e19f, 0)))
          .hasMessageStartingWith("document longer: embedding of length");
    }
  }

  @Test
  void takesWhateverTypeAnEmbeddingHas() throws Exception {
    try (IndexerHarness indexer = open()) {
      indexer.index(Document.create().id("int").embedding(NdArray.of(new int[] {3, 4})));
      indexer.index(Document.create().id("row").embedding(NdArray.of(new float[] {4, 3}, 1, 2)));
      assertThat(indexer.search(document("q", 4, 3)))
          .extracting(Document::id)
          .containsExactly("row", "int");
      assertThatThrownBy(() ->
              indexer.index(
                  Document.create()
                      .id("matrix")
                      .embedding(NdArray.of(new float[] {1, 2, 3, 4}, 2, 2))))
          .hasMessage(
              "document matrix: embedding of shape [2, 2] (expected: a vector of dimension 1..4096)");
    }
  }

  private static NdArrayProto dense(int bytes, String type, int... shape) {
    NdArrayProto.Builder array = NdArrayProto.newBuilder();
    array.getDenseBuilder().setBuffer(ByteString.copyFrom(new byte[bytes])).setDtype(type);
    for (int size : shape) {
      array.getDenseBuilder().addShape(size);
    }
    return array.build();
  }

  @Test
  void refusesMalformedArraysWithTheDocumentsId() throws Exception {
    List<NdArrayProto> malformed =
        List.of(
            NdArrayProto.getDefaultInstance(),
            dense(7, "<f4", 2),
            dense(8, "<f4", 3),
            dense(8, "<f4", -1),
            dense(8, "<f4", 1 << 16, 1 << 16),
            dense(8, "<f4", 65_536, 65_536, 65_536, 65_536),
            dense(8, "", 2),
            dense(8, "<c8", 1),
            dense(8, "|S8", 1),
            dense(8, "<f4", 0, 2),
            dense(8, "<f4"),
            NdArrayProto.newBuilder()
                .setSparse(SparseNdArrayProto.newBuilder().addShape(1 << 30).addShape(1 << 30))
                .build());
    try (IndexerHarness indexer = open()) {
      indexer.index(document("a", 1, 0));
      for (NdArrayProto array : malformed) {
        for (String endpoint : new String[] {"/index", "/update", "/search"}) {
          Document wrong =
              Document.from(DocumentProto.newBuilder().setId("wrong").setEmbedding(array).build());
          assertThatThrownBy(() -> indexer.call(endpoint, DocumentArray.of(wrong)))
              .as("%s %s", endpoint, array)
              .isInstanceOf(FlowException.class)
              .hasMessageStartingWith("document wrong: ");
        }
      }
      assertThat(indexer.search(document("q", 1, 0))).hasSize(1);
    }
  }

  @Test
  void ofOneIdTheLastCounts() throws Exception {
    try (IndexerHarness indexer = open()) {
      indexer.index(document("a", 1, 0).text("first"), document("a", 0, 1).text("second"));
      assertThat(indexer.search(document("q", 0, 1)))
          .extracting(Document::text)
          .containsExactly("second");
    }
  }

  @Test
  void emptyRequestsDoNothing() throws Exception {
    try (IndexerHarness indexer = open()) {
      for (String endpoint : new String[] {"/index", "/update", "/delete", "/search", "/filter"}) {
        indexer.call(endpoint, DocumentArray.of());
      }
      assertThat(indexer.search(document("q", 1, 0))).isEmpty();
    }
  }

  @Test
  void hostileDocumentsAreRefusedOrSurviveARestart() throws Exception {
    Document deep = document("deep", 1, 0);
    for (int i = 0; i < 200; i++) {
      Document around = document("deep" + i, 1, 0);
      around.chunks().add(deep);
      deep = around;
    }
    Document nested = deep;
    Value tag = Value.getDefaultInstance();
    for (int i = 0; i < 200; i++) {
      tag = Value.newBuilder().setStructValue(Struct.newBuilder().putFields("k", tag)).build();
    }
    Document tagged = document("tagged", 1, 0).tags(tag.getStructValue());
    try (IndexerHarness indexer = open()) {
      assertThatThrownBy(() -> indexer.index(nested)).hasMessageContaining("nested too deep");
      assertThatThrownBy(() -> indexer.index(tagged)).hasMessageContaining("nested too deep");
      assertThatThrownBy(() -> indexer.index(document("half \ud800", 1, 0)))
          .hasMessageContaining("half a character");
      assertThatThrownBy(() -> indexer.index(document("", 1, 0))).hasMessageContaining("no id");
      assertThatThrownBy(() -> indexer.index(document("x".repeat(8_001), 1, 0)))
          .hasMessage("id: 8001 characters (expected: 1..8000)");
      indexer.index(hostileButFine());
    }
    try (IndexerHarness indexer = open()) {
      assertThat(indexer.search(document("q", 1, 0)))
          .extracting(Document::id)
          .containsExactly(hostileButFine().id());
    }
  }

  private static Document hostileButFine() {
    Document document = document("\u0000" + "é".repeat(7_999), 1, 0);
    document.text("\u0000".repeat(100_000)).uri("x".repeat(100_000));
    for (int i = 0; i < 2_000; i++) {
      document.tag("tag " + i, "y".repeat(i * 20));
    }
    Document inner = document;
    for (int i = 0; i < 80; i++) {
      Document chunk = document("c" + i, 1, 0);
      inner.chunks().add(chunk);
      inner = inner.chunks().getFirst();
    }
    return document.tag("", "empty key").tag("__", "underscores");
  }

  @Test
  void refusesAnswersThatCannotBeSent() throws Exception {
    try (IndexerHarness indexer = open()) {
      indexer.index(document("large", 1, 0).text("x".repeat(4_000_000)));
      DocumentArray queries = DocumentArray.of();
      for (int i = 0; i < 34; i++) {
        queries.add(document("q" + i, 1, 0));
      }
      indexer.call("/search", DocumentArray.of(queries.subList(0, 33)));
      assertThatThrownBy(() -> indexer.call("/search", DocumentArray.of(queries)))
          .isInstanceOf(FlowException.class)
          .hasMessageStartingWith("limit: an answer of more than 134217728 bytes");
      for (int i = 0; i < 34; i++) {
        indexer.index(document("large" + i, 1, 0).text("x".repeat(4_000_000)));
      }
      assertThatThrownBy(() -> indexer.call("/filter", DocumentArray.of(), "limit", 34))
          .hasMessageStartingWith("limit: an answer of more than 134217728 bytes");
    }
  }

  @Test
  void answersChunksWithTheirVectorsWhereAsked() throws Exception {
    Document chunked = Document.ofText("long").id("a");
    chunked.chunks().add(document("c0", 0, 1));
    chunked.chunks().add(document("c1", 1, 0.5f));
    try (IndexerHarness indexer = open()) {
      indexer.index(chunked);
      Document match = indexer.search(document("q", 1, 0), "include_embeddings", true).getFirst();
      assertThat(match.chunks())
          .extracting(chunk -> chunk.embedding().orElseThrow().floats()[1])
          .containsExactly(1f, 0.5f);
      assertThat(match.chunks().get(0).scores()).isEmpty();
      Score best = requireNonNull(match.chunks().get(1).scores().get("cosine"));
      Score own = requireNonNull(match.scores().get("cosine"));
      assertThat(best.value()).isEqualTo(own.value());
      assertThat(own.refId()).isEqualTo("c1");
    }
  }

  @Test
  void eachQueryOfAPathGetsItsMatches() throws Exception {
    Document query = Document.create().id("q");
    query.chunks().add(document("x", 1, 0));
    query.chunks().add(document("y", 0, 1));
    try (IndexerHarness indexer = open()) {
      indexer.index(document("a", 1, 0), document("b", 0, 1));
      indexer.call("/search", DocumentArray.of(query), "traversal_paths", "@c", "limit", 1);
      assertThat(query.chunks())
          .extracting(chunk -> chunk.matches().getFirst().id())
          .containsExactly("a", "b");
      assertThatThrownBy(() -> indexer.call("/search", DocumentArray.of(query)))
          .hasMessage("document q: no embedding (expected: an embedding)");
    }
  }
}
