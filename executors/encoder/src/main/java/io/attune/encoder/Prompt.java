package io.attune.encoder;

import io.attune.runtime.FlowException;
import io.attune.runtime.Parameters;
import java.util.Set;

/// Which of a model's prompts goes before a text.
enum Prompt {
  /// That of queries.
  QUERY,
  /// That of documents.
  DOCUMENT,
  /// None.
  NONE;

  private static final Set<String> QUERY_ENDPOINTS = Set.of("/search", "/query", "/evaluate");

  /// The parameter `prompt`, or else what the endpoint says: queries come to `/search`, `/query`
  /// and `/evaluate`, documents to every other.
  static Prompt of(String endpoint, Parameters parameters) {
    String asked = parameters.string("prompt", "");
    return switch (asked) {
      case "query" -> QUERY;
      case "document" -> DOCUMENT;
      case "none" -> NONE;
      case "" -> QUERY_ENDPOINTS.contains(endpoint) ? QUERY : DOCUMENT;
      default ->
          throw FlowException.invalid(
              "prompt: \"%s\" (expected: query, document or none)".formatted(asked));
    };
  }
}
