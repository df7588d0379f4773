package io.attune.gateway.web;

import com.google.protobuf.Struct;
import io.attune.document.Document;
import io.attune.gateway.message.Envelope;
import io.attune.proto.docarray.DocumentArrayProto;
import io.attune.proto.jina.DataRequestProto;
import io.attune.proto.jina.DataRequestProto.DataContentProto;
import io.attune.proto.jina.HeaderProto;
import io.attune.runtime.FlowException;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Requests from JSON bodies, in Jina's camelCase and in the snake_case of its Python client.
///
/// A body is `{data, parameters, targetExecutor, execEndpoint}`, all optional; `data` is a list of
/// documents, one document, or `{docs: […]}`. A `header` gives endpoint and target where the top
/// level does not; ids and routes of a caller are ignored, as Jina does.
final class JsonRequests {
  private static final Set<String> KNOWN =
      Set.of(
          "data",
          "parameters",
          "targetExecutor",
          "target_executor",
          "execEndpoint",
          "exec_endpoint",
          "header",
          "routes",
          "requestId",
          "request_id");

  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private JsonRequests() {}

  /// The request of a body.
  ///
  /// @param endpoint the endpoint that the path names; null where the body does
  /// @throws FlowException for anything but a well-formed request
  static Envelope read(byte[] body, @Nullable String endpoint) {
    JsonNode root = parse(body);
    HeaderProto.Builder header = HeaderProto.newBuilder().setRequestId(Document.newId());
    String asked = text(root, "execEndpoint", "exec_endpoint");
    header.setExecEndpoint(endpoint != null ? endpoint : asked == null ? "/" : asked);
    String target = text(root, "targetExecutor", "target_executor");
    if (target != null && !target.isEmpty()) {
      header.setTargetExecutor(target);
    }
    JsonNode parameters = root.get("parameters");
    Struct struct =
        parameters == null || parameters.isNull()
            ? Struct.getDefaultInstance()
            : JsonStruct.struct(parameters, "parameters");
    DataRequestProto.Builder message =
        DataRequestProto.newBuilder().setHeader(header).setParameters(struct);
    JsonNode data = root.get("data");
    if (data != null && !data.isNull()) {
      message.setData(DataContentProto.newBuilder().setDocs(documents(data)));
    }
    return Envelope.from(message.build());
  }

  /// What a value is, for messages.
  static String kind(JsonNode node) {
    return switch (node.getNodeType()) {
      case ARRAY -> "a list";
      case OBJECT -> "an object";
      case STRING -> "a string";
      case NUMBER -> "a number";
      case BOOLEAN -> String.valueOf(node.booleanValue());
      case NULL, MISSING -> "null";
      case BINARY, POJO -> "a value";
    };
  }

  private static JsonNode parse(byte[] body) {
    JsonNode root;
    try {
      root = body.length == 0 ? MAPPER.createObjectNode() : MAPPER.readTree(body);
    } catch (JacksonException e) {
      TokenStreamLocation at = e.getLocation();
      String where =
          at == null ? "" : " at line %d, column %d".formatted(at.getLineNr(), at.getColumnNr());
      throw FlowException.invalid(
          "body: not JSON%s: %s (expected: a JSON object)"
              .formatted(where, e.getOriginalMessage()));
    } catch (StackOverflowError _) {
      throw FlowException.invalid("body: nested too deeply (expected: a JSON object)");
    }
    if (!root.isObject()) {
      throw FlowException.invalid("body: %s (expected: an object)".formatted(kind(root)));
    }
    String unknown =
        root.propertyNames().stream()
            .filter(name -> !KNOWN.contains(name))
            .sorted()
            .collect(Collectors.joining(", "));
    if (!unknown.isEmpty()) {
      throw FlowException.invalid(
          "body: %s (expected: data, parameters, targetExecutor, execEndpoint)".formatted(unknown));
    }
    return root;
  }

  private static @Nullable String text(JsonNode root, String camel, String snake) {
    JsonNode header = root.get("header");
    for (String name : new String[] {camel, snake}) {
      String value = text(root.get(name), name);
      if (value != null) {
        return value;
      }
    }
    if (header == null || header.isNull()) {
      return null;
    }
    if (!header.isObject()) {
      throw FlowException.invalid("header: %s (expected: an object)".formatted(kind(header)));
    }
    String value = text(header.get(camel), camel);
    return value != null ? value : text(header.get(snake), snake);
  }

  private static @Nullable String text(@Nullable JsonNode node, String name) {
    if (node == null || node.isNull()) {
      return null;
    }
    if (!node.isString()) {
      throw FlowException.invalid("%s: %s (expected: a string)".formatted(name, kind(node)));
    }
    return node.stringValue();
  }

  private static DocumentArrayProto documents(JsonNode data) {
    JsonNode docs = data;
    if (data.isObject() && data.has("docs")) {
      docs = data.get("docs");
    }
    DocumentArrayProto.Builder documents = DocumentArrayProto.newBuilder();
    if (docs.isArray()) {
      int i = 0;
      for (JsonNode doc : docs) {
        documents.addDocs(JsonDocuments.read(doc, "data[" + i++ + "]"));
      }
    } else if (docs.isObject()) {
      documents.addDocs(JsonDocuments.read(docs, "data"));
    } else if (!docs.isNull()) {
      throw FlowException.invalid("data: %s (expected: a list of documents)".formatted(kind(docs)));
    }
    return documents.build();
  }
}
