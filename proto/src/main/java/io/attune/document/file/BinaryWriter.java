package io.attune.document.file;

import io.attune.document.Document;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// Writes docarray's binary stream; the number of documents is filled in at the end.
final class BinaryWriter implements DocumentWriter {
  private final FileChannel channel;
  private final DataOutputStream out;
  private final Compression compression;
  private long written;
  private boolean failed;

  private BinaryWriter(FileChannel channel, Compression compression) throws IOException {
    this.channel = channel;
    this.out =
        new DataOutputStream(new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16));
    this.compression = compression;
    out.writeByte(BinaryReader.VERSION);
    out.writeLong(BinaryReader.UNFINISHED);
  }

  static BinaryWriter of(Path file, Compression compression) throws IOException {
    return new BinaryWriter(
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE),
        compression);
  }

  @Override
  public void write(Document document) throws IOException {
    byte[] bytes = compression.compress(document.toProto().toByteArray());
    failed = true; // unless it comes to the end
    out.writeInt(bytes.length);
    out.write(bytes);
    written++;
    failed = false;
  }

  /// Fills in the number of documents, unless writing one has failed.
  @Override
  public void close() throws IOException {
    if (!channel.isOpen()) {
      return;
    }
    try (out) {
      out.flush();
      if (!failed) {
        ByteBuffer count = ByteBuffer.allocate(Long.BYTES).putLong(0, written);
        while (count.hasRemaining()) {
          channel.write(count, 1L + count.position());
        }
      }
    }
  }
}
