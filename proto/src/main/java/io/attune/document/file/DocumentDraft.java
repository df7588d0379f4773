package io.attune.document.file;

import io.attune.document.Document;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/// Writes a file under the name `FILE.part`, and gives it its own once it is complete: until then
/// what is there stays. What is not a plain file, such as a pipe, is written at once.
///
/// [#close] without [#finish] leaves what was written under that name, and nothing where nothing
/// was.
public final class DocumentDraft implements DocumentWriter {
  private final Path place;
  private final Path part;
  private final DocumentWriter writer;
  private long written;
  private boolean finished;

  private DocumentDraft(Path place, Path part, DocumentWriter writer) {
    this.place = place;
    this.part = part;
    this.writer = writer;
  }

  static DocumentDraft of(Path file, DocumentFormat format) throws IOException {
    Path place = Files.exists(file) ? file.toRealPath() : file.toAbsolutePath();
    boolean plain = !Files.exists(place) || Files.isRegularFile(place);
    Path part = plain ? partOf(place) : place;
    return new DocumentDraft(place, part, DocumentFile.writer(part, format, place));
  }

  /// The name that a file has before it is complete.
  public static Path partOf(Path file) {
    return file.resolveSibling(file.getFileName() + ".part");
  }

  /// Where the documents are that were written so far.
  public Path part() {
    return part;
  }

  /// How many documents were written.
  public long written() {
    return written;
  }

  @Override
  public void write(Document document) throws IOException {
    writer.write(document);
    written++;
  }

  /// Puts the file in its place.
  public void finish() throws IOException {
    writer.close();
    if (!part.equals(place)) {
      Files.move(part, place, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
    finished = true;
  }

  @Override
  public void close() throws IOException {
    if (finished) {
      return;
    }
    writer.close();
    if (written == 0 && !part.equals(place)) {
      Files.deleteIfExists(part);
    }
  }
}
