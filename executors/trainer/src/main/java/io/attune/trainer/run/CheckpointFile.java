package io.attune.trainer.run;

import static java.util.Objects.requireNonNull;

import io.attune.models.Durable;
import io.attune.models.Sha256;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/// A [Checkpoint] as one file: magic, weights and parts one after another (floats little-endian), a
/// table of them (JSON), the table's length (8 bytes, big-endian), and the SHA-256 of all before.
///
/// It gets its name once it is complete and synced, so a crash leaves the old file or the new; what
/// a disk damages, the hash tells before anything of it is believed.
final class CheckpointFile {
  static final byte[] MAGIC = "attune-checkpoint-1\n".getBytes(StandardCharsets.US_ASCII);
  static final int HASH_BYTES = 32;
  private static final int BUFFER_BYTES = 1 << 20;
  private static final int MAX_TABLE_BYTES = 256 << 20;

  private CheckpointFile() {}

  /// A stretch of the file.
  ///
  /// @param bytes how long it is
  record Section(boolean weights, String name, long bytes) {
    Section {
      requireNonNull(name, "name");
    }
  }

  /// What the file holds; its sections begin after the magic.
  record Table(
      int epoch, long step, String configHash, List<Measured> history, List<Section> sections) {
    Table {
      requireNonNull(configHash, "config_hash");
      history = List.copyOf(history);
      sections = List.copyOf(sections);
    }
  }

  /// Writes it in one step.
  static void write(Path file, Checkpoint checkpoint) throws IOException {
    Files.createDirectories(file.resolveSibling(""));
    Path draft = file.resolveSibling("." + file.getFileName() + "-" + UUID.randomUUID());
    try {
      try (FileChannel channel =
          FileChannel.open(draft, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
        new CheckpointWriter(channel).write(checkpoint);
        channel.force(true);
      }
      Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
      Durable.syncFolder(file.resolveSibling(""));
    } finally {
      Files.deleteIfExists(draft);
    }
  }

  /// Reads it; its parts stay in the file until they are opened.
  ///
  /// @throws FlowException (DATA_LOSS) where it is not as it was written
  static Checkpoint read(Path file) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      requireHash(file, channel.size());
      long tableEnd = channel.size() - HASH_BYTES - Long.BYTES;
      long tableBytes = bytes(channel, tableEnd, Long.BYTES).getLong();
      if (tableBytes < 0 || tableBytes > Math.min(MAX_TABLE_BYTES, tableEnd)) {
        throw damaged(file, "a table of " + tableBytes + " bytes", null);
      }
      byte[] json = bytes(channel, tableEnd - tableBytes, (int) tableBytes).array();
      return checkpoint(file, channel, RunJson.MAPPER.readValue(json, Table.class));
    } catch (JacksonException e) {
      throw damaged(file, "its table is none", e);
    } catch (IOException e) {
      throw RunStore.failed(file, e);
    }
  }

  private static void requireHash(Path file, long size) throws IOException {
    MessageDigest digest = Sha256.digest();
    long left = size - HASH_BYTES;
    if (left < MAGIC.length + Long.BYTES) {
      throw damaged(file, "%d bytes".formatted(size), null);
    }
    try (InputStream in = Files.newInputStream(file)) {
      byte[] buffer = new byte[BUFFER_BYTES];
      while (left > 0) {
        int read = in.readNBytes(buffer, 0, (int) Math.min(left, buffer.length));
        digest.update(buffer, 0, read);
        left -= read;
        if (read == 0) {
          throw damaged(file, "it became shorter", null);
        }
      }
      if (!Arrays.equals(digest.digest(), in.readNBytes(HASH_BYTES))) {
        throw damaged(file, "its SHA-256 is another", null);
      }
    }
  }

  private static Checkpoint checkpoint(Path file, FileChannel channel, Table table)
      throws IOException {
    Map<String, float[]> weights = new LinkedHashMap<>();
    Map<String, Checkpoint.Part> parts = new LinkedHashMap<>();
    long at = MAGIC.length;
    for (Section section : table.sections()) {
      if (section.weights()) {
        weights.put(section.name(), floats(channel, at, section.bytes()));
      } else {
        parts.put(section.name(), new FilePart(file, at, section.bytes()));
      }
      at += section.bytes();
    }
    return new Checkpoint(
        table.epoch(), table.step(), table.configHash(), weights, parts, table.history());
  }

  private static float[] floats(FileChannel channel, long at, long bytes) throws IOException {
    float[] values = new float[Math.toIntExact(bytes / Float.BYTES)];
    int most = BUFFER_BYTES / Float.BYTES;
    for (int done = 0; done < values.length; done += most) {
      int count = Math.min(values.length - done, most);
      bytes(channel, at + (long) done * Float.BYTES, count * Float.BYTES)
          .order(ByteOrder.LITTLE_ENDIAN)
          .asFloatBuffer()
          .get(values, done, count);
    }
    return values;
  }

  private static ByteBuffer bytes(FileChannel channel, long at, int count) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(count);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, at + buffer.position()) < 0) {
        throw new IOException("it ended at " + (at + buffer.position()));
      }
    }
    return buffer.flip();
  }

  private static FlowException damaged(Path file, String why, @Nullable Exception cause) {
    return new FlowException(
        ErrorCode.DATA_LOSS,
        "checkpoint: %s is damaged: %s (expected: a file as it was written)".formatted(file, why),
        cause);
  }

  private record FilePart(Path file, long at, long bytes) implements Checkpoint.Part {
    @Override
    public void write(WritableByteChannel channel) throws IOException {
      try (FileChannel in = FileChannel.open(file, StandardOpenOption.READ)) {
        for (long done = 0; done < bytes; ) {
          done += in.transferTo(at + done, bytes - done, channel);
        }
      }
    }

    @Override
    public ReadableByteChannel open() throws IOException {
      FileChannel in = FileChannel.open(file, StandardOpenOption.READ);
      in.position(at);
      return Channels.newChannel(new Bounded(Channels.newInputStream(in), bytes));
    }
  }

  /// The next bytes of a stream, and no more.
  private static final class Bounded extends InputStream {
    private final InputStream in;
    private long left;

    Bounded(InputStream in, long left) {
      this.in = in;
      this.left = left;
    }

    @Override
    public int read() throws IOException {
      return left-- > 0 ? in.read() : -1;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      if (left <= 0) {
        return -1;
      }
      int read = in.read(bytes, offset, (int) Math.min(length, left));
      left -= Math.max(0, read);
      return read;
    }

    @Override
    public void close() throws IOException {
      in.close();
    }
  }
}
