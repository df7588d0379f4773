package io.attune.document.json;

import java.util.Base64;
import tools.jackson.core.JsonParser;

/// Bytes as base64 with padding, the form that Python's `base64.b64encode` gives.
final class Blobs {
  private Blobs() {}

  static byte[] read(JsonParser in) {
    String text = Tokens.text(in);
    try {
      return Base64.getDecoder().decode(text);
    } catch (IllegalArgumentException e) {
      throw JsonFormatException.at(in, "no base64: " + e.getMessage(), "base64");
    }
  }
}
