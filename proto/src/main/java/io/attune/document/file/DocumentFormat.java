package io.attune.document.file;

import java.nio.file.Path;
import java.util.Locale;

/// How documents lie in a file.
public sealed interface DocumentFormat permits JsonLines, CsvFormat, BinaryStream {
  /// The longest document that is read, in bytes: Attune's default limit of a message.
  int MAX_DOCUMENT_BYTES = 128 << 20;

  /// The format that a file's name says: `.jsonl` or `.ndjson`; `.csv`, or `.tsv` with tabs, both
  /// with a header; `.bin` or `.protobuf`, which may be followed by docarray's name of a
  /// compression, as in `docs.protobuf.gzip`. A `.gz` behind them is left out.
  ///
  /// @throws IllegalArgumentException for a name that says no format
  static DocumentFormat ofName(Path file) {
    String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
    String base = DocumentFile.isGzip(file) ? name.substring(0, name.length() - 3) : name;
    for (Compression compression : Compression.values()) {
      if (base.endsWith(".protobuf" + compression.suffix())) {
        return new BinaryStream(compression);
      }
    }
    return switch (base.substring(Math.max(0, base.lastIndexOf('.')))) {
      case ".jsonl", ".ndjson" -> new JsonLines();
      case ".csv" -> CsvFormat.standard();
      case ".tsv" -> CsvFormat.standard().delimiter("\t");
      case ".bin" -> new BinaryStream();
      default ->
          throw new IllegalArgumentException(
              "file: %s (expected: a name that ends in .jsonl, .ndjson, .csv, .tsv, .bin or .protobuf)"
                  .formatted(file));
    };
  }
}
