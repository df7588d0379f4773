package io.attune.document.file;

import io.attune.document.Document;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.OptionalLong;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/// The documents of a file, one at a time, in the order of the file. Only one document is in memory
/// at once. Not safe for use by several threads at once.
///
/// `hasNext` and `next` throw [FileFormatException] at the first thing that is wrong, and
/// [UncheckedIOException] if the file cannot be read; after that there are no more documents.
public abstract sealed class DocumentReader implements Iterator<Document>, Closeable
    permits JsonLinesReader, CsvReader, BinaryReader {
  private final Source source;
  private @Nullable Document next;
  private boolean ended;
  private long nextStart;
  private long start;
  private long count;

  DocumentReader(Source source) {
    this.source = source;
  }

  /// Reads the next document; null at the end.
  abstract @Nullable Document read() throws IOException;

  /// Where the document that was read last starts, as a line or an offset in bytes.
  abstract long start();

  /// The place that starts somewhere, for messages.
  abstract String place(long start);

  @Override
  public final boolean hasNext() {
    if (next == null && !ended) {
      ended = true; // stays so if reading fails
      try {
        next = read();
      } catch (EOFException | ZipException e) {
        throw FileFormatException.atByte(
            source.name(), source.taken(), "gzip that is cut or damaged: " + e.getMessage(), e);
      } catch (IOException e) {
        throw new UncheckedIOException(source.name() + ": " + e.getMessage(), e);
      }
      nextStart = start();
      ended = next == null;
    }
    return next != null;
  }

  @Override
  public final Document next() {
    Document document = hasNext() ? next : null;
    if (document == null) {
      throw new NoSuchElementException("no more documents");
    }
    next = null;
    start = nextStart;
    count++;
    return document;
  }

  /// How many bytes of the file were taken so far, for a progress bar: it runs ahead of the
  /// documents by a buffer, and ends at [#size()].
  public final long position() {
    return source.taken();
  }

  /// How many bytes the file has, unless it is a pipe.
  public final OptionalLong size() {
    return source.size();
  }

  /// How many documents [#next()] gave so far.
  public final long count() {
    return count;
  }

  /// The place of the document that [#next()] gave last, for messages about it: `news.csv:17`, or
  /// `docs.bin, byte 1033`.
  public final String place() {
    return place(start);
  }

  @Override
  public final void close() throws IOException {
    ended = true;
    next = null;
    source.close();
  }
}
