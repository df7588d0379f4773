package io.attune.cli.models;

import io.attune.models.Artifact;
import io.attune.models.StoredModel;
import java.util.LinkedHashMap;
import java.util.Map;

/// A stored model as JSON and as one line.
final class ModelJson {
  private ModelJson() {}

  static Map<String, Object> of(StoredModel model) {
    Artifact artifact = model.artifact();
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("name", artifact.name());
    json.put("version", artifact.version());
    json.put("folder", model.folder().toString());
    json.put("dimension", artifact.dimension());
    json.put("max_length", artifact.maxLength());
    json.put("pooling", artifact.pooling().toString());
    json.put("normalized", artifact.normalized());
    json.put("similarity", artifact.similarity().toString());
    json.put("query_prompt", artifact.queryPrompt());
    json.put("document_prompt", artifact.documentPrompt());
    json.put("space", artifact.space().toString());
    json.put("files", artifact.files());
    return json;
  }

  static String line(StoredModel model) {
    Artifact artifact = model.artifact();
    return "%s: %d dimensions, pooling %s, %s, max_length %d"
        .formatted(
            model.id(),
            artifact.dimension(),
            artifact.pooling(),
            artifact.normalized() ? "normalized" : "not normalized",
            artifact.maxLength());
  }
}
