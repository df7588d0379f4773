package io.attune.cli.encode;

import io.attune.cli.post.Input;
import io.attune.cli.post.InputOptions;
import io.attune.document.Document;
import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.NoSuchElementException;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/// Texts of files, one file after the other; one document is in memory at a time.
final class EncodeSource implements Iterator<Document>, Closeable {
  private final Queue<Path> files;
  private final InputOptions options;
  private @Nullable Iterator<Document> current;
  private @Nullable Closeable open;

  private EncodeSource(List<Path> files, InputOptions options) {
    this.files = new ArrayDeque<>(files);
    this.options = options;
  }

  /// Checks that every file is there, before the first is read.
  ///
  /// @param files documents, or lines where the name ends in `.txt`; `-` for standard input
  static EncodeSource of(List<Path> files, InputOptions options) throws IOException {
    for (Path file : files) {
      if (!Input.isStandardInput(file) && !Files.isRegularFile(file)) {
        throw new NoSuchFileException(file.toString());
      }
      if (!isLines(file, options)) {
        options.open(List.of(file)).close(); // its format is known
      }
    }
    return new EncodeSource(files, options);
  }

  private static boolean isLines(Path file, InputOptions options) {
    return !options.isFormatGiven()
        && (Input.isStandardInput(file)
            || file.toString().toLowerCase(Locale.ROOT).endsWith(".txt"));
  }

  @Override
  public boolean hasNext() {
    try {
      while (current == null || !current.hasNext()) {
        close();
        Path file = files.poll();
        if (file == null) {
          return false;
        }
        open(file);
      }
      return true;
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
  }

  private void open(Path file) throws IOException {
    if (!isLines(file, options)) {
      Input input = options.open(List.of(file));
      current = input;
      open = input;
      return;
    }
    boolean standard = Input.isStandardInput(file);
    InputStream in = standard ? System.in : Files.newInputStream(file);
    current = new LineTexts(new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8)));
    open = standard ? null : in;
  }

  @Override
  public Document next() {
    if (!hasNext() || current == null) {
      throw new NoSuchElementException("no more documents");
    }
    return current.next();
  }

  @Override
  public void close() throws IOException {
    if (open != null) {
      open.close();
    }
    open = null;
    current = null;
  }
}
