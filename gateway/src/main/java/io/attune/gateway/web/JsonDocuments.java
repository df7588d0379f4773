package io.attune.gateway.web;

import io.attune.proto.docarray.DocumentProto;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.JsonNode;

/// Documents as JSON.
final class JsonDocuments {
  private JsonDocuments() {}

  static DocumentProto read(JsonNode node, String where) {
    return DocumentProto.newBuilder().setId(where).setText(node.path("text").asString("")).build();
  }

  static void write(DocumentProto document, JsonGenerator out) {
    out.writeStartObject();
    out.writeStringProperty("id", document.getId());
    out.writeStringProperty("text", document.getText());
    out.writeEndObject();
  }
}
