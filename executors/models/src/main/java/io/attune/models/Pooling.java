package io.attune.models;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Locale;

/// How a model's graph makes one vector of a text's token vectors.
public enum Pooling {
  /// The mean over the tokens that are not padding.
  @JsonProperty("mean")
  MEAN,
  /// The vector of the first token.
  @JsonProperty("cls")
  CLS,
  /// The largest value of each dimension over the tokens that are not padding.
  @JsonProperty("max")
  MAX,
  /// The graph came with one vector to a text (or takes no text), and nothing was added to it.
  @JsonProperty("none")
  NONE;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
