package io.attune.models.archive;

import io.attune.runtime.FlowException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.LocalDateTime;
import java.util.List;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/// Writes zips: equal files give equal bytes.
public final class ZipWriter {
  private static final long MAX_BYTES = 0xFFFFFFFFL - (1 << 20);
  private static final LocalDateTime ANY_TIME = LocalDateTime.of(1980, 1, 1, 0, 0);

  private ZipWriter() {}

  /// Writes files of a folder, in the order given, into a new zip.
  ///
  /// @throws FlowException where they take more than a zip without extensions holds, 4 GiB
  public static void write(Path folder, List<String> names, Path zip) throws IOException {
    long bytes = 0;
    for (String name : names) {
      bytes += Files.size(folder.resolve(name));
    }
    if (bytes > MAX_BYTES) {
      throw FlowException.invalid(
          "%s: %d bytes (expected: at most %d in a zip; export a folder instead)"
              .formatted(zip.getFileName(), bytes, MAX_BYTES));
    }
    try (OutputStream file =
            Files.newOutputStream(zip, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        ZipOutputStream out = new ZipOutputStream(new BufferedOutputStream(file, 1 << 16))) {
      for (String name : names) {
        // weights are as good as random: deflating them takes seconds and saves a twelfth
        out.setLevel(name.endsWith(".onnx") ? Deflater.NO_COMPRESSION : Deflater.BEST_SPEED);
        ZipEntry entry = new ZipEntry(name);
        entry.setTimeLocal(ANY_TIME);
        out.putNextEntry(entry);
        Files.copy(folder.resolve(name), out);
        out.closeEntry();
      }
    }
  }
}
