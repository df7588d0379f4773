package io.attune.models;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Locale;

/// How vectors of a model are meant to be compared.
public enum Similarity {
  /// The angle between two vectors.
  @JsonProperty("cosine")
  COSINE,
  /// The inner product; larger is nearer, lengths count.
  @JsonProperty("dot")
  DOT,
  /// The straight-line distance.
  @JsonProperty("euclidean")
  EUCLIDEAN;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
