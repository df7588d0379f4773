package io.attune.indexer.generation;

import java.util.Arrays;

/// One vector of a document.
///
/// @param path empty for the document itself; for a chunk the positions on the way down, such as
///   `0` for the first chunk and `0/2` for that chunk's third
/// @param vector the vector, which must not change afterwards
@SuppressWarnings("ArrayRecordComponent") // vectors are compared by value nowhere
public record Unit(String path, float[] vector) {
  /// How deep the vector lies: 0 for the document itself, 1 for a chunk, 2 for a chunk's chunk.
  public int depth() {
    return depth(path);
  }

  /// The depth of a path.
  public static int depth(String path) {
    return path.isEmpty() ? 0 : (int) path.chars().filter(c -> c == '/').count() + 1;
  }

  /// The positions on the way down a path.
  public static int[] positions(String path) {
    return path.isEmpty()
        ? new int[0]
        : Arrays.stream(path.split("/", -1)).mapToInt(Integer::parseInt).toArray();
  }

  /// The path of the chunk at a position below a path.
  public static String child(String path, int position) {
    return path.isEmpty() ? String.valueOf(position) : path + "/" + position;
  }
}
