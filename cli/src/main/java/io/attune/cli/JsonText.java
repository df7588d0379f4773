package io.attune.cli;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import io.attune.document.json.StructJson;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.util.Map;

/// Protobuf objects as the JSON that people type and read.
public final class JsonText {
  private JsonText() {}

  /// The object of typed pairs, each value read as JSON. What is not JSON is a string, so that
  /// `topic=talons` needs no quotes.
  public static Struct struct(Map<String, String> pairs) {
    Struct.Builder struct = Struct.newBuilder();
    pairs.forEach((key, text) -> struct.putFields(key, value(text)));
    return struct.build();
  }

  /// The object of a JSON text.
  ///
  /// @throws FlowException where it is not a JSON object
  public static Struct struct(String what, String json) {
    Struct.Builder struct = Struct.newBuilder();
    try {
      JsonFormat.parser().merge(json, struct);
    } catch (InvalidProtocolBufferException failure) {
      throw new FlowException(
          ErrorCode.INVALID_ARGUMENT,
          what + ": " + failure.getMessage() + " (expected: a JSON object)",
          failure);
    }
    return struct.build();
  }

  /// An object as JSON on one line, whole numbers without a fraction.
  public static String text(Struct object) {
    return JsonFile.line(StructJson.plain(object));
  }

  private static Value value(String text) {
    Value.Builder value = Value.newBuilder();
    try {
      JsonFormat.parser().merge(text, value);
      return value.build();
    } catch (InvalidProtocolBufferException _) {
      return Value.newBuilder().setStringValue(text).build();
    }
  }
}
