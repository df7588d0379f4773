package io.attune.document.json;

import com.google.protobuf.ByteString;
import io.attune.document.NdArray;
import io.attune.proto.docarray.DenseNdArrayProto;
import io.attune.proto.docarray.NdArrayProto;
import java.util.Arrays;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonParser.NumberType;
import tools.jackson.core.JsonToken;

/// Reads a tensor: nested lists, with the element types that numpy would choose (64-bit integers,
/// or 64-bit floats if there is a fraction; booleans), or an object as the wire message.
final class TensorReader {
  static final int MAX_DIMENSIONS = 32;

  private final JsonParser in;
  private final int[] shape = new int[MAX_DIMENSIONS];
  private int dimensions = -1;
  private double[] numbers = new double[16];
  private long[] integers = new long[16];
  private int size;
  private boolean allWhole = true;
  private boolean allBooleans = true;

  private TensorReader(JsonParser in) {
    this.in = in;
  }

  static NdArrayProto read(JsonParser in) {
    if (in.hasToken(JsonToken.START_OBJECT)) {
      return message(in);
    }
    TensorReader reader = new TensorReader(in);
    Arrays.fill(reader.shape, -1);
    reader.element(0);
    return reader.array().toProto();
  }

  private NdArray array() {
    int[] sizes = Arrays.copyOf(shape, dimensions);
    if (size > 0 && allBooleans) {
      boolean[] values = new boolean[size];
      for (int i = 0; i < size; i++) {
        values[i] = integers[i] != 0;
      }
      return NdArray.of(values).reshape(sizes);
    }
    return size > 0 && allWhole
        ? NdArray.of(Arrays.copyOf(integers, size)).reshape(sizes)
        : NdArray.of(Arrays.copyOf(numbers, size)).reshape(sizes);
  }

  private void element(int depth) {
    if (in.hasToken(JsonToken.START_ARRAY)) {
      list(depth);
      return;
    }
    if (dimensions < 0) {
      dimensions = depth;
    } else if (dimensions != depth) {
      throw JsonFormatException.unexpected(in, "lists of one depth");
    }
    scalar();
  }

  private void list(int depth) {
    if (depth >= MAX_DIMENSIONS || (dimensions >= 0 && depth >= dimensions)) {
      throw JsonFormatException.unexpected(
          in, dimensions >= 0 ? "lists of one depth" : "at most " + MAX_DIMENSIONS + " dimensions");
    }
    int count = 0;
    while (in.nextToken() != JsonToken.END_ARRAY) {
      element(depth + 1);
      count++;
    }
    if (count == 0) {
      if (dimensions >= 0 && dimensions != depth + 1) {
        throw JsonFormatException.at(in, "an empty list", "lists of one depth");
      }
      dimensions = depth + 1;
    }
    if (shape[depth] < 0) {
      shape[depth] = count;
    } else if (shape[depth] != count) {
      throw JsonFormatException.at(
          in, count + " elements", shape[depth] + ", as the lists beside it");
    }
  }

  private void scalar() {
    if (size == numbers.length) {
      numbers = Arrays.copyOf(numbers, size * 2);
      integers = Arrays.copyOf(integers, size * 2);
    }
    if (in.currentToken().isBoolean()) {
      integers[size] = in.getBooleanValue() ? 1 : 0;
      numbers[size] = integers[size];
    } else {
      allBooleans = false;
      numbers[size] = Tokens.number(in);
      if (allWhole && isLong()) {
        integers[size] = in.getLongValue();
      } else {
        allWhole = false;
      }
    }
    size++;
  }

  private boolean isLong() {
    if (!in.hasToken(JsonToken.VALUE_NUMBER_INT)) {
      return false;
    }
    NumberType type = in.getNumberType();
    return type == NumberType.INT || type == NumberType.LONG;
  }

  private static NdArrayProto message(JsonParser in) {
    NdArrayProto.Builder tensor = NdArrayProto.newBuilder();
    for (String name = in.nextName(); name != null; name = in.nextName()) {
      in.nextToken();
      switch (name) {
        case "dense" -> tensor.setDense(dense(in));
        case "cls_name", "clsName" -> tensor.setClsName(Tokens.text(in));
        case "parameters" -> tensor.setParameters(StructJson.read(in));
        default -> throw JsonFormatException.at(in, "unknown", "dense, cls_name, parameters");
      }
    }
    return tensor.build();
  }

  private static DenseNdArrayProto dense(JsonParser in) {
    Tokens.startObject(in);
    DenseNdArrayProto.Builder dense = DenseNdArrayProto.newBuilder();
    for (String name = in.nextName(); name != null; name = in.nextName()) {
      in.nextToken();
      switch (name) {
        case "buffer" -> dense.setBuffer(ByteString.copyFrom(Blobs.read(in)));
        case "dtype" -> dense.setDtype(Tokens.text(in));
        case "shape" -> {
          Tokens.startArray(in);
          while (in.nextToken() != JsonToken.END_ARRAY) {
            dense.addShape(Tokens.count(in));
          }
        }
        default -> throw JsonFormatException.at(in, "unknown", "buffer, shape, dtype");
      }
    }
    return dense.build();
  }
}
