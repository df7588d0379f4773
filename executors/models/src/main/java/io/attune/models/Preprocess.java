package io.attune.models;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Locale;

/// What happens to a document's content before it reaches the graph.
public enum Preprocess {
  /// The text is tokenised by the artifact's `tokenizer.json`.
  @JsonProperty("text")
  TEXT,
  /// The tensor goes in as it is.
  @JsonProperty("tensor")
  TENSOR;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
