package io.attune.models;

import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// A Hugging Face `tokenizer.json` as it comes, with what an artifact does not keep.
final class TokenizerJson {
  private static final JsonMapper MAPPER = new JsonMapper();
  private static final int MAX_BYTES = 256 << 20;

  private TokenizerJson() {}

  /// The file without padding and truncation: an artifact's length comes from `max_length` alone.
  static byte[] stripped(byte[] json) {
    if (json.length > MAX_BYTES) {
      throw FlowException.invalid(
          "tokenizer.json: " + json.length + " bytes (expected: at most " + MAX_BYTES + ")");
    }
    JsonNode tree;
    try {
      tree = MAPPER.readTree(json);
    } catch (JacksonException e) {
      throw new FlowException(
          ErrorCode.INVALID_ARGUMENT, "tokenizer.json: " + e.getOriginalMessage(), e);
    }
    if (!(tree instanceof ObjectNode object) || !object.path("model").isObject()) {
      throw FlowException.invalid(
          "tokenizer.json: no key \"model\" (expected: a Hugging Face tokenizer)");
    }
    object.putNull("truncation");
    object.putNull("padding");
    return MAPPER.writeValueAsBytes(object);
  }
}
