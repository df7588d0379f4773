package io.attune.onnx;

/// How large a model file may be before it is refused. They bound the memory that reading takes;
/// every real model lies far below.
///
/// @param bytes the file, 1 to 2^31 - 9 (protobuf's 2 GiB less what a Java array cannot hold)
/// @param messages protobuf messages in the file (nodes, attributes, tensors, dimensions, …)
/// @param values numbers and strings outside `raw_data`
/// @param nodes nodes of all graphs and functions together
/// @param depth how deep graphs may lie inside nodes of graphs (`If`, `Loop`, `Scan`)
/// @param rank dimensions of one tensor
public record Limits(int bytes, int messages, int values, int nodes, int depth, int rank) {
  /// Protobuf's limit for one message, as far as a Java array can hold it.
  public static final int MAX_BYTES = Integer.MAX_VALUE - 8;

  /// What is accepted unless something else is said.
  public static final Limits DEFAULT = new Limits(MAX_BYTES, 2_000_000, 50_000_000, 200_000, 8, 32);

  public Limits {
    requirePositive("bytes", bytes);
    requirePositive("messages", messages);
    requirePositive("values", values);
    requirePositive("nodes", nodes);
    requirePositive("depth", depth);
    requirePositive("rank", rank);
    if (bytes > MAX_BYTES) {
      throw new IllegalArgumentException("bytes: " + bytes + " (expected: 1.." + MAX_BYTES + ")");
    }
  }

  private static void requirePositive(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + ": " + value + " (expected: 1..)");
    }
  }
}
