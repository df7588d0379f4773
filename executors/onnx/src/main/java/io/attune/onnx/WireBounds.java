package io.attune.onnx;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// Walks a message's bytes along its descriptor before it is parsed, and counts what parsing would
/// allocate. Two bytes can stand for a message object of a hundred, so the size of a file alone
/// does not bound the memory it takes.
final class WireBounds {
  /// Protobuf's own nesting limit; 3 levels to a nested graph.
  private static final int MAX_NESTING = 100;

  private final Limits limits;
  private long messages;
  private long values;

  private WireBounds(Limits limits) {
    this.limits = limits;
  }

  static void check(byte[] bytes, Descriptor root, Limits limits) {
    if (bytes.length > limits.bytes()) {
      throw new InvalidModelException(
          "size: " + bytes.length + " bytes (expected: at most " + limits.bytes() + ")");
    }
    CodedInputStream in = CodedInputStream.newInstance(bytes);
    in.setSizeLimit(Integer.MAX_VALUE);
    try {
      new WireBounds(limits).message(in, root, 1);
    } catch (InvalidProtocolBufferException e) {
      throw unparseable(in.getTotalBytesRead(), e);
    } catch (IOException e) {
      throw new IllegalStateException("reading from memory failed", e);
    }
  }

  static InvalidModelException unparseable(int position, InvalidProtocolBufferException cause) {
    return new InvalidModelException(
        "not an ONNX file, or truncated: byte "
            + position
            + ": "
            + cause.getMessage()
            + " (expected: a protobuf message onnx.ModelProto)",
        cause);
  }

  private void message(CodedInputStream in, Descriptor type, int nesting) throws IOException {
    if (nesting > MAX_NESTING) {
      throw new InvalidModelException(
          "nesting: more than " + MAX_NESTING + " messages inside each other");
    }
    if (++messages > limits.messages()) {
      throw new InvalidModelException(
          "messages: more than " + limits.messages() + " (expected: at most that many)");
    }
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      FieldDescriptor field = type.findFieldByNumber(WireFormat.getTagFieldNumber(tag));
      if (WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED) {
        delimited(in, field, nesting);
      } else {
        count(1);
        group(in, tag, nesting);
      }
    }
  }

  private void group(CodedInputStream in, int tag, int nesting) throws IOException {
    int wireType = WireFormat.getTagWireType(tag);
    if (wireType == WireFormat.WIRETYPE_START_GROUP || wireType == WireFormat.WIRETYPE_END_GROUP) {
      throw new InvalidModelException(
          "byte %d: a protobuf group (expected: none, ONNX has no groups), nesting %d"
              .formatted(in.getTotalBytesRead(), nesting));
    }
    in.skipField(tag);
  }

  private void delimited(CodedInputStream in, @Nullable FieldDescriptor field, int nesting)
      throws IOException {
    int length = in.readRawVarint32();
    if (field != null && field.getJavaType() == JavaType.MESSAGE) {
      int outer = in.pushLimit(length);
      message(in, field.getMessageType(), nesting + 1);
      in.popLimit(outer);
      return;
    }
    count(field != null && field.isPackable() ? packedValues(field, length) : 1);
    in.skipRawBytes(length);
  }

  /// The values of a packed field that may take more room parsed than written: a varint takes one
  /// byte or more, numbers of fixed width take the same.
  private static int packedValues(FieldDescriptor field, int length) {
    return switch (field.getJavaType()) {
      case FLOAT, DOUBLE -> 1;
      case INT, LONG, BOOLEAN, ENUM, STRING, BYTE_STRING, MESSAGE -> length;
    };
  }

  private void count(int more) {
    values += more;
    if (values > limits.values()) {
      throw new InvalidModelException(
          "values outside raw_data: more than "
              + limits.values()
              + " (expected: large tensors in raw_data)");
    }
  }
}
