package io.attune.models.archive;

import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// A folder from outside, of which only plain files are read, and no link is followed on the way.
///
/// @param path the folder, without links
public record PlainFolder(Path path) {
  private static final int MAX_FILES = 10_000;

  /// The folder of a path, whose own links are followed.
  public static PlainFolder of(Path path) throws IOException {
    if (!Files.isDirectory(path)) {
      throw new FlowException(
          Files.exists(path) ? ErrorCode.INVALID_ARGUMENT : ErrorCode.NOT_FOUND,
          path + ": " + (Files.exists(path) ? "no folder" : "missing") + " (expected: a folder)");
    }
    return new PlainFolder(path.toRealPath());
  }

  /// True where a name is there, as a file, link or anything else but a folder.
  public boolean has(String name) {
    Path file = path.resolve(name);
    return Files.exists(file, LinkOption.NOFOLLOW_LINKS)
        && !Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS);
  }

  /// The names of all that lies in it, sorted, without what desktop systems leave.
  public List<String> names() throws IOException {
    List<String> names = new ArrayList<>();
    try (Stream<Path> files = Files.list(path)) {
      files.limit(MAX_FILES + 1L).forEach(file -> names.add(file.getFileName().toString()));
    }
    if (names.size() > MAX_FILES) {
      throw FlowException.invalid(
          path + ": more than " + MAX_FILES + " files (expected: the files of a model)");
    }
    names.removeIf(EntryName::isDebris);
    names.sort(null);
    return names;
  }

  /// The one folder in it, where there is nothing else; else this one.
  public PlainFolder innermost() throws IOException {
    List<String> names = names();
    if (names.size() == 1
        && Files.isDirectory(path.resolve(names.getFirst()), LinkOption.NOFOLLOW_LINKS)) {
      return new PlainFolder(path.resolve(names.getFirst()));
    }
    return this;
  }

  /// The plain file of a name, which may lie in folders of this one.
  ///
  /// @throws FlowException where it is missing, a link, behind a link or anything else
  public Path file(String name) {
    String flaw = EntryName.flaw(name);
    if (!flaw.isEmpty()) {
      throw refused(name, flaw);
    }
    Path file = path;
    for (Path part : Path.of(name)) {
      file = file.resolve(part);
      if (Files.isSymbolicLink(file)) {
        throw refused(name, "a link");
      }
    }
    if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      throw new FlowException(
          ErrorCode.NOT_FOUND, path + ": " + name + ": missing (expected: a plain file)");
    }
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      throw refused(name, "no plain file");
    }
    return file;
  }

  /// The bytes of a small file.
  public byte[] read(String name, int maxBytes) throws IOException {
    try (InputStream in = Files.newInputStream(file(name), LinkOption.NOFOLLOW_LINKS)) {
      byte[] bytes = in.readNBytes(maxBytes);
      if (in.read() >= 0) {
        throw FlowException.invalid(
            "%s: more than %d bytes (expected: at most that many)".formatted(name, maxBytes));
      }
      return bytes;
    }
  }

  /// Copies a file to a place where nothing is yet.
  public void copy(String name, Path target) throws IOException {
    try (InputStream in = Files.newInputStream(file(name), LinkOption.NOFOLLOW_LINKS);
        OutputStream out =
            Files.newOutputStream(
                target, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      in.transferTo(out);
    }
  }

  private FlowException refused(String name, String actual) {
    return FlowException.invalid(
        path + ": " + name + ": " + actual + " (expected: a plain file inside the folder)");
  }
}
