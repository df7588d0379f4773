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
  /// and `/evaluate`, documents to every other. What is written gets that of documents, as it does
  /// when a rollout embeds it again: vectors of one space are made in one way.
  ///
  /// @param isWrite whether the documents are on their way into an index
  /// @throws FlowException INVALID_ARGUMENT for another prompt
  static Prompt of(String endpoint, Parameters parameters, boolean isWrite) {
    String asked = parameters.string("prompt", "");
    if (isWrite && (asked.equals("query") || asked.equals("none"))) {
      throw FlowException.invalid(
          "prompt: \"%s\" at %s (expected: document, or no prompt named: what is written is embedded again with that in a rollout; /encode takes any)"
              .formatted(asked, endpoint));
    }
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
