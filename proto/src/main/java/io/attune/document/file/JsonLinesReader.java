package io.attune.document.file;

import com.google.protobuf.UnsafeByteOperations;
import io.attune.document.Document;
import io.attune.document.json.DocumentJson;
import io.attune.document.json.DocumentJson.Unknown;
import io.attune.document.json.JsonFormatException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// Reads a document from each line.
final class JsonLinesReader extends DocumentReader {
  private final LineReader lines;
  private final String name;

  JsonLinesReader(Source source, int maxLineBytes) {
    super(source);
    this.lines = new LineReader(source, maxLineBytes);
    this.name = source.name();
  }

  @Override
  @Nullable Document read() throws IOException {
    while (lines.advance()) {
      if (!lines.isBlank()) {
        return parse();
      }
    }
    return null;
  }

  private Document parse() {
    byte[] bytes = lines.bytes();
    if (!UnsafeByteOperations.unsafeWrap(bytes, lines.start(), lines.length()).isValidUtf8()) {
      throw FileFormatException.atLine(name, lines.number(), "bytes that are no UTF-8");
    }
    try {
      return Document.from(
          DocumentJson.fromJson(bytes, lines.start(), lines.length(), Unknown.TAG));
    } catch (JsonFormatException e) {
      throw FileFormatException.atLine(
          name, lines.number(), e.problem() + " at column " + e.column(), e);
    }
  }

  @Override
  long start() {
    return lines.number();
  }

  @Override
  String place(long start) {
    return FileFormatException.line(name, start);
  }
}
