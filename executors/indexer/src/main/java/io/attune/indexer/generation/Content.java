package io.attune.indexer.generation;

import io.attune.document.Document;
import io.attune.document.DocumentArray;
import io.attune.document.NdArray;
import io.attune.proto.docarray.DocumentProto;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// What a generation keeps of a document: its vectors, and everything else.
///
/// Matches, scores and evaluations belong to a query, not to an indexed document, and are dropped.
///
/// @param source the document without its embeddings, those of its chunks included
/// @param units its vectors, at least one, root first and then depth first; empty where they were
///   not asked for
public record Content(DocumentProto source, List<Unit> units) {
  public Content {
    units = List.copyOf(units);
  }

  /// The content of a document that was checked already.
  public static Content of(DocumentProto document) {
    List<Unit> units = new ArrayList<>();
    DocumentProto source = strip(document, "", units);
    return new Content(source, units);
  }

  private static DocumentProto strip(DocumentProto document, String path, List<Unit> units) {
    if (document.hasEmbedding()) {
      units.add(new Unit(path, NdArray.from(document.getEmbedding()).floats()));
    }
    DocumentProto.Builder bare = Document.from(document).clearEmbedding().toProto().toBuilder();
    bare.clearMatches().clearScores().clearEvaluations();
    for (int i = 0; i < document.getChunksCount(); i++) {
      bare.setChunks(i, strip(document.getChunks(i), Unit.child(path, i), units));
    }
    return bare.build();
  }

  /// The document with the vectors that are here, as 32-bit floats, marked with their space.
  public Document toDocument(String space) {
    Map<String, float[]> vectors =
        units.stream().collect(Collectors.toMap(Unit::path, Unit::vector));
    Document document = Document.from(source);
    attach(document, "", vectors, space);
    return document;
  }

  private static void attach(
      Document document, String path, Map<String, float[]> vectors, String space) {
    float[] vector = vectors.get(path);
    if (vector != null) {
      document.embedding(NdArray.of(vector), space);
    }
    DocumentArray chunks = document.chunks();
    for (int i = 0; i < chunks.size(); i++) {
      attach(chunks.get(i), Unit.child(path, i), vectors, space);
    }
  }
}
