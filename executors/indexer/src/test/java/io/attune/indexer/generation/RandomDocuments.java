package io.attune.indexer.generation;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import com.google.protobuf.util.JsonFormat;
import io.attune.document.Document;
import io.attune.document.NdArray;
import io.attune.document.query.Query;
import io.attune.proto.docarray.DocumentProto;
import java.util.Random;

/// Documents with random vectors from a seed.
public final class RandomDocuments {
  private final Random random;
  private final int dimension;
  private final float[][] centres;

  public RandomDocuments(long seed, int dimension) {
    this.random = new Random(seed);
    this.dimension = dimension;
    this.centres = new float[20][];
    for (int i = 0; i < centres.length; i++) {
      centres[i] = gaussian();
    }
  }

  private float[] gaussian() {
    float[] vector = new float[dimension];
    for (int i = 0; i < dimension; i++) {
      vector[i] = (float) random.nextGaussian();
    }
    return vector;
  }

  /// A vector near one of twenty centres.
  public float[] vector() {
    float[] vector = gaussian();
    float[] centre = centres[random.nextInt(centres.length)];
    for (int i = 0; i < dimension; i++) {
      vector[i] = 0.5f * vector[i] + centre[i];
    }
    return vector;
  }

  /// A document with a vector and a number tag from 0 to 99.
  public Document document(String id) {
    return Document.ofText("text of " + id)
        .id(id)
        .tag("number", random.nextInt(100))
        .embedding(NdArray.of(vector()));
  }

  /// A document whose chunks have vectors, and with `root` itself, too.
  public Document chunked(String id, int chunks, boolean root) {
    Document document = document(id);
    if (!root) {
      document.clearEmbedding();
    }
    for (int i = 0; i < chunks; i++) {
      document.chunks().add(document(id + "-" + i));
    }
    return document;
  }

  public int nextInt(int bound) {
    return random.nextInt(bound);
  }

  /// The filter of a JSON text.
  public static Query query(String json) {
    Struct.Builder struct = Struct.newBuilder();
    try {
      JsonFormat.parser().merge(json, struct);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException(json, e);
    }
    return Query.parse(struct.build());
  }

  /// What an upsert of a document at a sequence is.
  public static Change upsert(long sequence, Document document) {
    DocumentProto message = document.toProto();
    return Change.upsert(sequence, message.getId(), Content.of(message));
  }
}
