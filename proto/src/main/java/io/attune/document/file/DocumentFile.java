package io.attune.document.file;

import io.attune.document.Document;
import io.attune.document.DocumentArray;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.zip.GZIPOutputStream;

/// Documents in files. The file's name says the format ([DocumentFormat#ofName(Path)]), or the
/// caller does.
///
/// ```java
/// try (DocumentReader documents = DocumentFile.reader(Path.of("news.csv"))) {
///   while (documents.hasNext()) {
///     index(documents.next());
///     progress.at(documents.position(), documents.size());
///   }
/// }
/// ```
///
/// Reading and writing are streaming: one document is in memory at a time. Files compressed with
/// gzip are read as they are, whatever their names.
public final class DocumentFile {
  private DocumentFile() {}

  /// Reads a file in the format that its name says.
  ///
  /// @throws IllegalArgumentException for a name that says no format
  /// @throws IOException for a file that cannot be opened
  public static DocumentReader reader(Path file) throws IOException {
    return reader(file, DocumentFormat.ofName(file));
  }

  /// Reads a file.
  ///
  /// @throws IOException for a file that cannot be opened
  public static DocumentReader reader(Path file, DocumentFormat format) throws IOException {
    return reader(Source.of(file), format);
  }

  /// Reads a stream, such as standard input; closing the reader closes it.
  ///
  /// @param name what messages call the stream
  public static DocumentReader reader(InputStream stream, String name, DocumentFormat format) {
    return reader(Source.of(stream, name), format);
  }

  private static DocumentReader reader(Source source, DocumentFormat format) {
    return switch (format) {
      case JsonLines() -> new JsonLinesReader(source, DocumentFormat.MAX_DOCUMENT_BYTES);
      case CsvFormat csv -> new CsvReader(source, csv, CsvRows.MAX_ROW_BYTES);
      case BinaryStream(var _) -> new BinaryReader(source, DocumentFormat.MAX_DOCUMENT_BYTES);
    };
  }

  /// Writes a file in the format that its name says, replacing what is there.
  ///
  /// @throws IllegalArgumentException for a name that says no format
  public static DocumentWriter writer(Path file) throws IOException {
    return writer(file, DocumentFormat.ofName(file));
  }

  /// Writes a file, replacing what is there; text formats as gzip if its name ends in `.gz`.
  public static DocumentWriter writer(Path file, DocumentFormat format) throws IOException {
    return writer(file, format, file);
  }

  /// Writes a file that replaces what is there only once it is complete.
  public static DocumentDraft draft(Path file, DocumentFormat format) throws IOException {
    return DocumentDraft.of(file, format);
  }

  /// @param named whose name says whether it is gzip
  static DocumentWriter writer(Path file, DocumentFormat format, Path named) throws IOException {
    if (format instanceof BinaryStream(var compression)) {
      return BinaryWriter.of(file, compression);
    }
    if (format instanceof CsvFormat csv && !csv.columns().isEmpty()) {
      var _ = csv.targets(csv.columns()); // refused before what is there is gone
    }
    OutputStream stream = Files.newOutputStream(file);
    return writer(isGzip(named) ? new GZIPOutputStream(stream) : stream, format);
  }

  /// Writes to a stream, such as standard output; closing the writer closes it.
  ///
  /// @throws IllegalArgumentException for the binary stream, which starts with the number of
  ///   documents and so needs a file
  public static DocumentWriter writer(OutputStream stream, DocumentFormat format)
      throws IOException {
    return switch (format) {
      case JsonLines() -> new JsonLinesWriter(new BufferedOutputStream(stream, 1 << 16));
      case CsvFormat csv -> new CsvWriter(new BufferedOutputStream(stream, 1 << 16), csv);
      case BinaryStream(var _) ->
          throw new IllegalArgumentException(
              "format: docarray's binary stream to a pipe (expected: a file, JSON Lines or CSV)");
    };
  }

  /// All documents of a file, for files that fit in the memory.
  ///
  /// @throws IllegalArgumentException for a name that says no format, or a file that is not in it
  public static DocumentArray read(Path file) throws IOException {
    try (DocumentReader reader = reader(file)) {
      DocumentArray documents = DocumentArray.of();
      reader.forEachRemaining(documents::add);
      return documents;
    }
  }

  /// Writes documents to a file in the format that its name says, replacing what is there.
  ///
  /// @throws IllegalArgumentException for a name that says no format
  public static void write(Path file, Iterable<Document> documents) throws IOException {
    try (DocumentWriter writer = writer(file)) {
      for (Document document : documents) {
        writer.write(document);
      }
    }
  }

  /// Whether a file's name says that all of it is compressed with gzip.
  static boolean isGzip(Path file) {
    return String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT).endsWith(".gz");
  }
}
