package io.attune.models;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;

/// Numbers between a process and the one that it tries a model in: how many, then each of them.
final class Numbers {
  private Numbers() {}

  static void write(DataOutputStream out, float[] values) throws IOException {
    out.writeInt(values.length);
    for (float value : values) {
      out.writeFloat(value);
    }
  }

  static void write(DataOutputStream out, long[] values) throws IOException {
    out.writeInt(values.length);
    for (long value : values) {
      out.writeLong(value);
    }
  }

  static float[] floats(DataInputStream in) throws IOException {
    float[] values = new float[count(in, Float.BYTES)];
    for (int i = 0; i < values.length; i++) {
      values[i] = in.readFloat();
    }
    return values;
  }

  static long[] longs(DataInputStream in) throws IOException {
    long[] values = new long[count(in, Long.BYTES)];
    for (int i = 0; i < values.length; i++) {
      values[i] = in.readLong();
    }
    return values;
  }

  /// A count of things that take so many bytes each, and no more than what is there holds.
  static int count(DataInputStream in, int bytes) throws IOException {
    int count = in.readInt();
    if (count < 0 || (long) count * bytes > in.available()) {
      throw new IOException(count + " numbers (expected: no more than are there)");
    }
    return count;
  }
}
