package io.attune.gateway.web;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Timestamp;
import io.attune.document.json.DocumentJson;
import io.attune.document.json.DocumentJson.Unset;
import io.attune.gateway.message.Envelope;
import io.attune.proto.jina.DataRequestProto;
import io.attune.proto.jina.DataRequestProto.DataContentProto;
import io.attune.proto.jina.HeaderProto;
import io.attune.proto.jina.RouteProto;
import io.attune.proto.jina.StatusProto;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.json.JsonMapper;

/// Answers as JSON bodies in Jina's shape: camelCase in header and routes, snake_case in documents,
/// null where nothing is set.
final class JsonAnswers {
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  private JsonAnswers() {}

  /// What fills a body.
  private interface Body {
    void write(JsonGenerator out);
  }

  /// The body of an answer.
  ///
  /// @throws FlowException where the documents are not of docarray's v1 format
  static byte[] answer(Envelope envelope) {
    DataContentProto data = data(envelope);
    return bytes(out -> {
      out.writeStartObject();
      head(envelope, out);
      out.writeName("data");
      DocumentJson.writeArray(out, data.getDocs().getDocsList(), Unset.NULL);
      out.writeEndObject();
    });
  }

  /// The body of a refusal: the answer's head, and the cause once more where FastAPI has it.
  static byte[] refusal(Envelope envelope, FlowException cause) {
    return bytes(out -> {
      out.writeStartObject();
      head(envelope, out);
      out.writeName("data");
      out.writeStartArray();
      out.writeEndArray();
      out.writeStringProperty("detail", String.valueOf(cause.getMessage()));
      out.writeEndObject();
    });
  }

  /// A status as a body of its own.
  static byte[] status(StatusProto status) {
    return bytes(out -> status(status, out));
  }

  /// Any JSON value.
  static byte[] bytes(Object tree) {
    return MAPPER.writeValueAsBytes(tree);
  }

  private static byte[] bytes(Body body) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(1024);
    try (JsonGenerator out = MAPPER.createGenerator(bytes)) {
      body.write(out);
    }
    return bytes.toByteArray();
  }

  private static DataContentProto data(Envelope envelope) {
    DataContentProto data;
    try {
      data = DataRequestProto.parseFrom(envelope.payload()).getData();
    } catch (InvalidProtocolBufferException e) {
      throw unreadable("documents that cannot be read: " + e.getMessage(), e);
    }
    if (data.hasDocsBytes()) {
      throw unreadable("docs_bytes, which only Python can read", null);
    }
    return data;
  }

  private static FlowException unreadable(String what, @Nullable Throwable cause) {
    return new FlowException(
        ErrorCode.UNIMPLEMENTED,
        "answer: %s (expected: docarray's v1 messages for JSON)".formatted(what),
        cause);
  }

  private static void head(Envelope envelope, JsonGenerator out) {
    HeaderProto header = envelope.header();
    out.writeName("header");
    out.writeStartObject();
    out.writeStringProperty("requestId", header.getRequestId());
    out.writeName("status");
    if (header.hasStatus()) {
      status(header.getStatus(), out);
    } else {
      out.writeNull();
    }
    text("execEndpoint", header.hasExecEndpoint() ? header.getExecEndpoint() : null, out);
    text("targetExecutor", header.hasTargetExecutor() ? header.getTargetExecutor() : null, out);
    out.writeName("timeout");
    if (header.hasTimeout()) {
      out.writeNumber(header.getTimeout());
    } else {
      out.writeNull();
    }
    out.writeEndObject();
    out.writeName("parameters");
    JsonStruct.write(envelope.parameters(), out);
    out.writeName("routes");
    routes(envelope.routes(), out);
  }

  private static void routes(List<RouteProto> routes, JsonGenerator out) {
    out.writeStartArray();
    for (RouteProto route : routes) {
      out.writeStartObject();
      out.writeStringProperty("executor", route.getExecutor());
      text("startTime", route.hasStartTime() ? time(route.getStartTime()) : null, out);
      text("endTime", route.hasEndTime() ? time(route.getEndTime()) : null, out);
      out.writeName("status");
      if (route.hasStatus()) {
        status(route.getStatus(), out);
      } else {
        out.writeNull();
      }
      out.writeEndObject();
    }
    out.writeEndArray();
  }

  private static void status(StatusProto status, JsonGenerator out) {
    out.writeStartObject();
    out.writeNumberProperty("code", status.getCodeValue());
    out.writeStringProperty("description", status.getDescription());
    out.writeName("exception");
    if (status.hasException()) {
      StatusProto.ExceptionProto exception = status.getException();
      out.writeStartObject();
      out.writeStringProperty("name", exception.getName());
      strings("args", exception.getArgsList(), out);
      strings("stacks", exception.getStacksList(), out);
      out.writeStringProperty("executor", exception.getExecutor());
      out.writeEndObject();
    } else {
      out.writeNull();
    }
    out.writeEndObject();
  }

  private static void strings(String name, List<String> values, JsonGenerator out) {
    out.writeName(name);
    out.writeStartArray();
    values.forEach(out::writeString);
    out.writeEndArray();
  }

  private static void text(String name, @Nullable String value, JsonGenerator out) {
    out.writeName(name);
    if (value == null) {
      out.writeNull();
    } else {
      out.writeString(value);
    }
  }

  private static String time(Timestamp time) {
    return Instant.ofEpochSecond(time.getSeconds(), time.getNanos()).toString();
  }
}
