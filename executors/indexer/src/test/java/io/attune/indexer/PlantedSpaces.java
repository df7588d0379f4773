package io.attune.indexer;

import io.attune.document.Document;
import io.attune.document.NdArray;
import io.attune.indexer.generation.Content;
import io.attune.indexer.generation.Unit;
import io.attune.proto.docarray.DocumentProto;
import java.util.Arrays;
import java.util.Random;

/// Two spaces in which a text's vectors are orthogonal to each other, so that a mix of them never
/// goes unnoticed: a text's vector fills the first half of the dimensions in one, and the second in
/// the other.
final class PlantedSpaces {
  static final String OLD = "old-space";
  static final String NEW = "new-space";
  static final int DIMENSION = 8;

  private PlantedSpaces() {}

  /// A text's vector in a space, of length 1.
  static float[] vector(String text, String space) {
    Random random = new Random(text.hashCode());
    double[] values = new double[DIMENSION / 2];
    double sum = 0;
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextGaussian();
      sum += values[i] * values[i];
    }
    float[] vector = new float[DIMENSION];
    for (int i = 0; i < values.length; i++) {
      vector[i + (space.equals(NEW) ? values.length : 0)] = (float) (values[i] / Math.sqrt(sum));
    }
    return vector;
  }

  static Document marked(Document document, String space) {
    return document.embedding(NdArray.of(vector(document.text(), space)), space);
  }

  /// A document of a text, with the vectors of a space; every third text has chunks with vectors.
  static Document document(String id, String text, String space) {
    Document document = marked(Document.ofText(text).id(id), space);
    int chunks = Math.floorMod(text.hashCode(), 3) == 0 ? 2 : 0;
    for (int i = 0; i < chunks; i++) {
      document.chunks().add(marked(Document.ofText(text + " part " + i).id(id + "-" + i), space));
    }
    return document;
  }

  /// Whether every vector is that of its text in a space, and none is missing.
  static boolean isWhole(Content content, String space) {
    int expected = 1 + content.source().getChunksCount();
    return content.units().size() == expected
        && content.units().stream().allMatch(unit -> isRight(content.source(), unit, space));
  }

  private static boolean isRight(DocumentProto source, Unit unit, String space) {
    DocumentProto part = source;
    for (int position : Unit.positions(unit.path())) {
      part = part.getChunks(position);
    }
    return Arrays.equals(unit.vector(), vector(part.getText(), space));
  }
}
