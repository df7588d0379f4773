package io.attune.document.file;

import io.attune.document.Document;
import java.io.Closeable;
import java.io.IOException;

/// Writes documents to a file, one at a time. The file is complete once the writer is closed. Not
/// safe for use by several threads at once.
public interface DocumentWriter extends Closeable {
  /// Writes a document.
  ///
  /// @throws IllegalArgumentException for a document that the format cannot hold, of which nothing
  ///   is written
  void write(Document document) throws IOException;
}
