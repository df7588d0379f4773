package io.attune.document.file;

/// docarray's binary stream, as `da.save_binary(file, protocol='protobuf', compress=…)` writes it:
/// a byte 1, the number of documents in eight bytes, then for each document its length in four
/// bytes and its message, which may be compressed; all numbers unsigned with the highest byte
/// first.
///
/// On reading, each document tells its compression by itself. Pickled files are not read.
///
/// @param compression what documents are compressed with when they are written
public record BinaryStream(Compression compression) implements DocumentFormat {
  /// Without compression.
  public BinaryStream() {
    this(Compression.NONE);
  }
}
