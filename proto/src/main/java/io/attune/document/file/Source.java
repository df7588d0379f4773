package io.attune.document.file;

import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/// The bytes of a file: what messages call it, how many bytes of it were taken, how many it has.
/// Bytes that gzip compressed are given as they were before; taken are the compressed ones.
final class Source implements AutoCloseable {
  private final String name;
  private final OptionalLong size;
  private final CountingStream file;
  private final BufferedInputStream buffered;
  private @Nullable InputStream content;

  private Source(InputStream stream, String name, OptionalLong size) {
    this.file = new CountingStream(stream);
    this.buffered = new BufferedInputStream(file, 1 << 16);
    this.name = name;
    this.size = size;
  }

  /// A file.
  ///
  /// @throws IOException for one that cannot be opened
  static Source of(Path file) throws IOException {
    InputStream stream = Files.newInputStream(file);
    boolean hasSize = Files.isRegularFile(file);
    return new Source(
        stream,
        String.valueOf(file.getFileName()),
        hasSize ? OptionalLong.of(Files.size(file)) : OptionalLong.empty());
  }

  /// A stream whose size is not known.
  static Source of(InputStream stream, String name) {
    return new Source(stream, name, OptionalLong.empty());
  }

  String name() {
    return name;
  }

  OptionalLong size() {
    return size;
  }

  long taken() {
    return file.count;
  }

  int read(byte[] target, int offset, int length) throws IOException {
    return content().read(target, offset, length);
  }

  byte[] readNBytes(int length) throws IOException {
    return content().readNBytes(length);
  }

  private InputStream content() throws IOException {
    if (content == null) {
      buffered.mark(2);
      boolean gzip = buffered.read() == 0x1F && buffered.read() == 0x8B;
      buffered.reset();
      content = gzip ? new GZIPInputStream(buffered, 1 << 16) : buffered;
    }
    return content;
  }

  @Override
  public void close() throws IOException {
    file.close();
  }

  private static final class CountingStream extends FilterInputStream {
    private long count;

    CountingStream(InputStream stream) {
      super(stream);
    }

    @Override
    public int read() throws IOException {
      int value = in.read();
      count += value < 0 ? 0 : 1;
      return value;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      int read = in.read(target, offset, length);
      count += Math.max(read, 0);
      return read;
    }
  }
}
