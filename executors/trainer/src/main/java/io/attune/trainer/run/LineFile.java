package io.attune.trainer.run;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/// A file that grows by whole lines, one writer and any number of readers.
///
/// A line is written in one call and is there once its line feed is; what follows the last line
/// feed was torn by a crash and is never read. The next writer cuts it off.
final class LineFile {
  private final Path path;

  LineFile(Path path) {
    this.path = path;
  }

  /// Cuts off a torn line; for the one process that writes, before it does.
  void mend() throws IOException {
    if (!Files.exists(path)) {
      return;
    }
    try (FileChannel channel =
        FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      long end = channel.size();
      ByteBuffer one = ByteBuffer.allocate(1);
      while (end > 0 && !isLineFeedBefore(channel, end, one)) {
        end--;
      }
      channel.truncate(end);
      channel.force(true);
    }
  }

  private static boolean isLineFeedBefore(FileChannel channel, long end, ByteBuffer one)
      throws IOException {
    one.clear();
    channel.read(one, end - 1);
    return one.get(0) == '\n';
  }

  /// Adds a line; line breaks within it become spaces.
  void append(String line) {
    byte[] bytes = (line.replaceAll("\\R", " ") + "\n").getBytes(StandardCharsets.UTF_8);
    try (FileChannel channel =
        FileChannel.open(
            path, StandardOpenOption.WRITE, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      ByteBuffer buffer = ByteBuffer.wrap(bytes);
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Syncs what was written, where anything was.
  void sync() throws IOException {
    if (Files.exists(path)) {
      try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
        channel.force(true);
      }
    }
  }

  /// All lines.
  List<String> lines() {
    return tail().next();
  }

  /// A reader that starts at the first line.
  Tail tail() {
    return new Tail();
  }

  /// Reads on from where it stopped.
  final class Tail {
    private static final int MAX_READ_BYTES = 1 << 26;
    private long position;

    private Tail() {}

    /// The whole lines that came since the last call.
    List<String> next() {
      List<String> lines = new ArrayList<>();
      try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "r")) {
        while (true) {
          byte[] bytes = new byte[Math.clamp(file.length() - position, 0, MAX_READ_BYTES)];
          file.seek(position);
          file.readFully(bytes);
          int taken = split(bytes, lines);
          if (taken == 0) {
            return lines;
          }
          position += taken;
        }
      } catch (java.io.FileNotFoundException | NoSuchFileException _) {
        return lines; // nothing was written yet
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private static int split(byte[] bytes, List<String> lines) {
      int start = 0;
      for (int i = 0; i < bytes.length; i++) {
        if (bytes[i] == '\n') {
          lines.add(new String(bytes, start, i - start, StandardCharsets.UTF_8));
          start = i + 1;
        }
      }
      return start;
    }
  }
}
