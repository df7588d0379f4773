package io.attune.models;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/// Makes zips for tests.
public final class Zips {
  private Zips() {}

  /// A zip of a folder's files, their names behind a prefix.
  static Path of(Path zip, Path folder, String prefix) {
    try (Stream<Path> files = Files.walk(folder);
        ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip))) {
      List<Path> plain = files.filter(Files::isRegularFile).toList();
      for (Path file : plain) {
        out.putNextEntry(new ZipEntry(prefix + folder.relativize(file)));
        Files.copy(file, out);
        out.closeEntry();
      }
      return zip;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// A zip of entries of some bytes each, given as name, length, name, length, ….
  public static Path of(Path zip, Object... namesAndLengths) {
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip))) {
      for (int i = 0; i < namesAndLengths.length; i += 2) {
        out.putNextEntry(new ZipEntry((String) namesAndLengths[i]));
        byte[] chunk = new byte[1 << 16];
        for (int left = (Integer) namesAndLengths[i + 1]; left > 0; left -= chunk.length) {
          out.write(chunk, 0, Math.min(left, chunk.length));
        }
        out.closeEntry();
      }
      return zip;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
