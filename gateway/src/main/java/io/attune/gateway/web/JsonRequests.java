package io.attune.gateway.web;

import com.google.protobuf.Struct;
import io.attune.document.Document;
import io.attune.document.json.DocumentJson;
import io.attune.document.json.DocumentJson.Unknown;
import io.attune.document.json.JsonFormatException;
import io.attune.gateway.message.Envelope;
import io.attune.proto.docarray.DocumentArrayProto;
import io.attune.proto.jina.DataRequestProto;
import io.attune.proto.jina.DataRequestProto.DataContentProto;
import io.attune.proto.jina.HeaderProto;
import io.attune.runtime.FlowException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.json.JsonFactory;

/// Requests from JSON bodies, in Jina's camelCase and in the snake_case of its Python client, read
/// as a stream.
///
/// A body is `{data, parameters, targetExecutor, execEndpoint}`, all optional; `data` is a list of
/// documents, one document, or `{docs: […]}`. A `header` gives endpoint and target where the top
/// level does not; ids and routes of a caller are ignored, as Jina does.
final class JsonRequests {
  private static final JsonFactory FACTORY =
      DocumentJson.factory().rebuild().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private final byte[] body;
  private final JsonParser in;
  private Struct parameters = Struct.getDefaultInstance();
  private @Nullable DocumentArrayProto documents;
  private @Nullable String endpoint;
  private @Nullable String target;
  private @Nullable String headerEndpoint;
  private @Nullable String headerTarget;

  private JsonRequests(byte[] body, JsonParser in) {
    this.body = body;
    this.in = in;
  }

  /// The request of a body.
  ///
  /// @param endpoint the endpoint that the path names; null where the body does
  /// @throws FlowException for anything but a well-formed request
  static Envelope read(byte[] body, @Nullable String endpoint) {
    try (JsonParser in = FACTORY.createParser(ObjectReadContext.empty(), body)) {
      JsonRequests request = new JsonRequests(body, in);
      request.read();
      return request.envelope(endpoint);
    } catch (JsonFormatException e) {
      String place = e.line() < 1 ? "" : " at line %d, column %d".formatted(e.line(), e.column());
      throw FlowException.invalid("body%s: %s".formatted(place, e.problem()));
    } catch (JacksonException e) {
      throw FlowException.invalid(
          "body%s: not JSON: %s (expected: a JSON object)"
              .formatted(place(e.getLocation()), e.getOriginalMessage()));
    }
  }

  private Envelope envelope(@Nullable String ofPath) {
    HeaderProto.Builder header = HeaderProto.newBuilder().setRequestId(Document.newId());
    header.setExecEndpoint(first(ofPath, endpoint, headerEndpoint, "/"));
    String executor = first(target, headerTarget, "");
    if (!executor.isEmpty()) {
      header.setTargetExecutor(executor);
    }
    DataRequestProto.Builder message =
        DataRequestProto.newBuilder().setHeader(header).setParameters(parameters);
    if (documents != null) {
      message.setData(DataContentProto.newBuilder().setDocs(documents));
    }
    return Envelope.from(message.build());
  }

  private void read() {
    if (in.nextToken() == null) {
      return; // an empty body is a request without anything
    }
    if (in.currentToken() != JsonToken.START_OBJECT) {
      throw FlowException.invalid("body: %s (expected: an object)".formatted(JsonStruct.kind(in)));
    }
    for (String key = in.nextName(); key != null; key = in.nextName()) {
      in.nextToken();
      field(key);
    }
    if (in.nextToken() != null) {
      throw FlowException.invalid(
          "body%s: %s after the object (expected: nothing)"
              .formatted(place(in.currentTokenLocation()), JsonStruct.kind(in)));
    }
  }

  private void field(String key) {
    switch (key) {
      case "data" -> documents = documents();
      case "parameters" -> parameters = parameters();
      case "targetExecutor", "target_executor" -> target = first(text(key), target);
      case "execEndpoint", "exec_endpoint" -> endpoint = first(text(key), endpoint);
      case "header" -> header();
      case "routes", "requestId", "request_id" -> in.skipChildren();
      default ->
          throw FlowException.invalid(
              "body: %s (expected: data, parameters, targetExecutor, execEndpoint)".formatted(key));
    }
  }

  private void header() {
    if (in.currentToken() == JsonToken.VALUE_NULL) {
      return;
    }
    if (in.currentToken() != JsonToken.START_OBJECT) {
      throw FlowException.invalid(
          "header: %s (expected: an object)".formatted(JsonStruct.kind(in)));
    }
    for (String key = in.nextName(); key != null; key = in.nextName()) {
      in.nextToken();
      switch (key) {
        case "targetExecutor", "target_executor" -> headerTarget = first(text(key), headerTarget);
        case "execEndpoint", "exec_endpoint" -> headerEndpoint = first(text(key), headerEndpoint);
        default -> in.skipChildren();
      }
    }
  }

  private Struct parameters() {
    return in.currentToken() == JsonToken.VALUE_NULL
        ? Struct.getDefaultInstance()
        : JsonStruct.read(in, "parameters");
  }

  private @Nullable DocumentArrayProto documents() {
    return switch (in.currentToken()) {
      case VALUE_NULL -> null;
      case START_ARRAY -> DocumentJson.readArray(in, Unknown.REFUSE);
      case START_OBJECT -> wrapped() ? unwrapped() : one();
      default ->
          throw FlowException.invalid(
              "data: %s (expected: a list of documents)".formatted(JsonStruct.kind(in)));
    };
  }

  private DocumentArrayProto one() {
    return DocumentArrayProto.newBuilder().addDocs(DocumentJson.read(in, Unknown.REFUSE)).build();
  }

  /// Whether the object that begins here is `{docs: …}`: a look ahead by a parser of its own.
  private boolean wrapped() {
    int start = (int) in.currentTokenLocation().getByteOffset();
    if (start < 0) {
      return false;
    }
    try (JsonParser ahead =
        FACTORY.createParser(ObjectReadContext.empty(), body, start, body.length - start)) {
      ahead.nextToken();
      return "docs".equals(ahead.nextName());
    }
  }

  private @Nullable DocumentArrayProto unwrapped() {
    in.nextName();
    in.nextToken();
    DocumentArrayProto array = in.currentToken() == JsonToken.START_OBJECT ? one() : documents();
    String more = in.nextName();
    if (more != null) {
      throw FlowException.invalid("data: %s (expected: docs alone)".formatted(more));
    }
    return array;
  }

  private @Nullable String text(String key) {
    return switch (in.currentToken()) {
      case VALUE_NULL -> null;
      case VALUE_STRING -> in.getString();
      default ->
          throw FlowException.invalid(
              "%s: %s (expected: a string)".formatted(key, JsonStruct.kind(in)));
    };
  }

  private static String place(@Nullable TokenStreamLocation at) {
    return at == null || at.getLineNr() < 1
        ? ""
        : " at line %d, column %d".formatted(at.getLineNr(), at.getColumnNr());
  }

  private static <T> @Nullable T first(@Nullable T one, @Nullable T two) {
    return one != null ? one : two;
  }

  private static String first(@Nullable String one, @Nullable String two, String last) {
    String either = first(one, two);
    return either != null ? either : last;
  }

  private static String first(
      @Nullable String one, @Nullable String two, @Nullable String three, String last) {
    return first(first(one, two), three, last);
  }
}
