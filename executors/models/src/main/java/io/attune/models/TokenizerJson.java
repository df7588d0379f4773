package io.attune.models;

import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.io.ByteArrayOutputStream;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.json.JsonFactory;

/// A Hugging Face `tokenizer.json` as it comes, with what an artifact does not keep. It is copied
/// token by token: a tree of it would take many times its size.
final class TokenizerJson {
  /// The largest file accepted, in bytes; vocabularies of 250,000 take 17 MB.
  static final int MAX_BYTES = 128 << 20;

  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .disable(TokenStreamFactory.Feature.CANONICALIZE_PROPERTY_NAMES)
          .build();

  private TokenizerJson() {}

  /// The file without padding and truncation: an artifact's length comes from `max_length` alone.
  static byte[] stripped(byte[] json) {
    if (json.length > MAX_BYTES) {
      throw FlowException.invalid(
          "tokenizer.json: " + json.length + " bytes (expected: at most " + MAX_BYTES + ")");
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream(json.length);
    boolean model;
    try (JsonParser in = FACTORY.createParser(ObjectReadContext.empty(), json);
        JsonGenerator copy = FACTORY.createGenerator(ObjectWriteContext.empty(), out)) {
      model = in.nextToken() == JsonToken.START_OBJECT && copy(in, copy);
      if (model && in.nextToken() != null) {
        throw FlowException.invalid("tokenizer.json: more after its end (expected: one object)");
      }
    } catch (JacksonException e) {
      throw new FlowException(
          ErrorCode.INVALID_ARGUMENT, "tokenizer.json: " + e.getOriginalMessage(), e);
    }
    if (!model) {
      throw FlowException.invalid(
          "tokenizer.json: no key \"model\" (expected: a Hugging Face tokenizer)");
    }
    return out.toByteArray();
  }

  private static boolean copy(JsonParser in, JsonGenerator copy) {
    boolean model = false;
    copy.writeStartObject();
    while (in.nextToken() == JsonToken.PROPERTY_NAME) {
      String key = in.currentName();
      JsonToken value = in.nextToken();
      if (key.equals("truncation") || key.equals("padding")) {
        in.skipChildren();
        continue;
      }
      model |= key.equals("model") && value == JsonToken.START_OBJECT;
      copy.writeName(key);
      copy.copyCurrentStructureExact(in);
    }
    copy.writeNullProperty("truncation");
    copy.writeNullProperty("padding");
    copy.writeEndObject();
    return model;
  }
}
