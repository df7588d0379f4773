package io.attune.document.file;

import io.attune.document.Document;
import io.attune.document.DocumentArray;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/// Reads and writes files in the memory.
final class Contents {
  private Contents() {}

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /// A text, and then one character without end.
  static InputStream endless(String text, char then) {
    return new SequenceInputStream(
        new ByteArrayInputStream(utf8(text)),
        new InputStream() {
          @Override
          public int read() {
            return then;
          }

          @Override
          public int read(byte[] target, int offset, int length) {
            Arrays.fill(target, offset, offset + length, (byte) then);
            return length;
          }
        });
  }

  /// A stream that cannot be read.
  static InputStream failing(String message) {
    return new InputStream() {
      @Override
      public int read() throws IOException {
        throw new IOException(message);
      }

      @Override
      public int read(byte[] target, int offset, int length) throws IOException {
        throw new IOException(message);
      }
    };
  }

  static DocumentArray read(String content, DocumentFormat format) throws IOException {
    return read(utf8(content), format);
  }

  static DocumentArray read(byte[] content, DocumentFormat format) throws IOException {
    try (DocumentReader reader =
        DocumentFile.reader(new ByteArrayInputStream(content), "file", format)) {
      DocumentArray documents = DocumentArray.of();
      reader.forEachRemaining(documents::add);
      return documents;
    }
  }

  static String write(List<Document> documents, DocumentFormat format) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (DocumentWriter writer = DocumentFile.writer(out, format)) {
      for (Document document : documents) {
        writer.write(document);
      }
    }
    return out.toString(StandardCharsets.UTF_8);
  }
}
