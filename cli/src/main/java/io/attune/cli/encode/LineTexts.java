package io.attune.cli.encode;

import io.attune.document.Document;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/// The lines of a text as documents, one in memory at a time; blank lines are left out.
final class LineTexts implements Iterator<Document> {
  private final BufferedReader lines;
  private @Nullable String next;

  LineTexts(BufferedReader lines) {
    this.lines = lines;
    advance();
  }

  private void advance() {
    try {
      do {
        next = lines.readLine();
      } while (next != null && next.isBlank());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public boolean hasNext() {
    return next != null;
  }

  @Override
  public Document next() {
    if (next == null) {
      throw new NoSuchElementException("no more lines");
    }
    Document document = Document.ofText(next);
    advance();
    return document;
  }
}
