package io.attune.indexer.durability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.attune.document.Document;
import io.attune.document.NdArray;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/// What an index may hold, given what was asked of it and what it answered.
///
/// A document is known by its version, of which all that is in it follows. What was answered is
/// there; what was asked and not answered may be there or not. Safe for use by several threads, of
/// which one at a time concerns itself with an id.
final class Expectation {
  /// The version of a document that is not there.
  static final String ABSENT = "";

  /// That of all vectors.
  static final int DIMENSION = 8;

  private final Map<String, Set<String>> possible = new ConcurrentHashMap<>();

  /// The document of a version: text, tag, a vector, and chunks with vectors in every third.
  static Document document(String id, String version, String space) {
    Random random = new Random(version.hashCode());
    Document document =
        Document.ofText(version)
            .id(id)
            .tag("version", version)
            .embedding(vector(version, space), space)
            .weight(random.nextFloat());
    int chunks = random.nextInt(3) == 0 ? 2 : 0;
    for (int i = 0; i < chunks; i++) {
      document
          .chunks()
          .add(
              Document.ofText(version + " chunk " + i)
                  .id(id + "-" + i)
                  .embedding(vector(version + " chunk " + i, space), space));
    }
    return document;
  }

  /// The vector of a text, another one in each space.
  static NdArray vector(String text, String space) {
    Random random = new Random((space + "/" + text).hashCode());
    float[] vector = new float[DIMENSION];
    for (int i = 0; i < DIMENSION; i++) {
      vector[i] = (float) random.nextGaussian();
    }
    return NdArray.of(vector);
  }

  /// The version that is there; only for ids of which nothing is under way.
  String version(String id) {
    Set<String> versions = possible.getOrDefault(id, Set.of(ABSENT));
    assertThat(versions).as(id).hasSize(1);
    return versions.iterator().next();
  }

  /// The ids that were ever written.
  Set<String> ids() {
    return new TreeSet<>(possible.keySet());
  }

  /// A version was asked for and may come to be there at any time.
  void asked(String id, String version) {
    Set<String> versions = new HashSet<>(possible.getOrDefault(id, Set.of(ABSENT)));
    versions.add(version);
    possible.put(id, versions);
  }

  /// A version was acknowledged and is there from now on.
  void answered(String id, String version) {
    possible.put(id, Set.of(version));
  }

  /// Checks what was found, and takes it for what is there from now on.
  void found(List<Document> documents, String where) {
    Map<String, Document> byId = new TreeMap<>();
    for (Document document : documents) {
      assertThat(byId.put(document.id(), document)).as("%s, twice", where).isNull();
    }
    assertThat(possible.keySet()).as(where).containsAll(byId.keySet());
    possible.replaceAll((id, versions) -> {
      Document document = byId.get(id);
      String version = document == null ? ABSENT : document.text();
      assertThat(versions).as("%s, versions of %s", where, id).contains(version);
      if (document != null) {
        assertWhole(document, where);
      }
      return Set.of(version);
    });
  }

  /// A document must be wholly that of its version.
  private static void assertWhole(Document found, String where) {
    String space = found.embeddingSpace().orElseThrow();
    Document expected = document(found.id(), found.text(), space);
    assertSameVectors(found, expected, where);
    assertThat(found.copy().clearEmbedding().chunks(List.of()).toProto())
        .as(where)
        .isEqualTo(expected.copy().clearEmbedding().chunks(List.of()).toProto());
    assertThat(found.chunks()).as(where).hasSize(expected.chunks().size());
    for (int i = 0; i < found.chunks().size(); i++) {
      Document chunk = found.chunks().get(i);
      assertSameVectors(chunk, expected.chunks().get(i), where);
      assertThat(chunk.text()).as(where).isEqualTo(expected.chunks().get(i).text());
    }
  }

  private static void assertSameVectors(Document found, Document expected, String where) {
    assertThat(found.embedding().orElseThrow().floats())
        .as("%s, vector of %s", where, found.id())
        .containsExactly(expected.embedding().orElseThrow().floats(), within(1e-5f));
  }
}
