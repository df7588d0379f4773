package io.attune.cli.post;

import io.attune.cli.Console;
import io.attune.cli.Console.Progress;
import io.attune.document.Document;
import io.attune.document.file.DocumentFile;
import io.attune.document.file.DocumentFormat;
import io.attune.document.file.DocumentReader;
import io.attune.runtime.FlowException;
import java.io.Closeable;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The documents of several files, one after the other; one document is in memory at a time.
public final class Input implements Iterator<Document>, Closeable {
  private final Iterator<Source> sources;
  private final long size;
  private @Nullable DocumentReader reader;
  private long finished;

  /// A file and how it is read.
  private record Source(Path file, DocumentFormat format) {
    DocumentReader open() throws IOException {
      return isStandardInput(file)
          ? DocumentFile.reader(new OpenInput(), "standard input", format)
          : DocumentFile.reader(file, format);
    }
  }

  private Input(List<Source> sources, long size) {
    this.sources = sources.iterator();
    this.size = size;
  }

  /// Checks that every file is there and its format known, before the first is read.
  static Input open(List<Path> files, Function<Path, DocumentFormat> formats) throws IOException {
    long size = 0;
    List<Source> sources = new ArrayList<>();
    for (Path file : files) {
      sources.add(new Source(file, formats.apply(file)));
      if (isStandardInput(file)) {
        size = -1;
      } else if (Files.isRegularFile(file)) {
        size = size < 0 ? size : size + Files.size(file);
      } else if (Files.exists(file)) {
        throw FlowException.invalid(file + ": not a file (expected: a file of documents)");
      } else {
        throw new NoSuchFileException(file.toString());
      }
    }
    return new Input(sources, size);
  }

  /// Whether a name, `-`, means standard input.
  public static boolean isStandardInput(Path file) {
    return file.toString().equals("-");
  }

  /// Progress over the bytes of all files.
  public Progress progress(Console console, String task) {
    return size < 1 << 22
        ? console.progress(task, size < 0 ? -1 : Math.ceilDiv(size, 1 << 10), "KiB")
        : console.progress(task, Math.ceilDiv(size, 1 << 20), "MiB");
  }

  /// What [#progress] counts, so far.
  public long position() {
    long bytes = finished + (reader == null ? 0 : reader.position());
    return size < 1 << 22 ? Math.ceilDiv(bytes, 1 << 10) : Math.ceilDiv(bytes, 1 << 20);
  }

  @Override
  public boolean hasNext() {
    try {
      while (true) {
        if (reader != null && reader.hasNext()) {
          return true;
        }
        if (reader != null) {
          finished += reader.position();
          reader.close();
          reader = null;
        }
        if (!sources.hasNext()) {
          return false;
        }
        reader = sources.next().open();
      }
    } catch (IOException failure) {
      throw new UncheckedIOException(failure.getMessage(), failure);
    }
  }

  @Override
  public Document next() {
    if (!hasNext() || reader == null) {
      throw new NoSuchElementException("no more documents");
    }
    return reader.next();
  }

  @Override
  public void close() throws IOException {
    if (reader != null) {
      reader.close();
    }
  }

  /// Standard input, which stays open.
  private static final class OpenInput extends FilterInputStream {
    OpenInput() {
      super(System.in);
    }

    @Override
    public void close() {}
  }
}
