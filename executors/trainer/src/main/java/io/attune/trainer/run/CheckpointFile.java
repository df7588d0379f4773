package io.attune.trainer.run;

import static java.util.Objects.requireNonNull;

import io.attune.models.Durable;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/// A [Checkpoint] as one file: magic, the header's length and the header (JSON: all but the data,
/// and a section for each array with its length), the arrays one after another, little-endian, and
/// the SHA-256 of everything before. It gets its name once it is complete and synced, so a crash
/// leaves the old file or the new; what a disk damages, the hash tells.
final class CheckpointFile {
  static final byte[] MAGIC = "attune-checkpoint-1\n".getBytes(StandardCharsets.US_ASCII);
  private static final int HASH_BYTES = 32;
  static final int BUFFER_BYTES = 1 << 20;
  private static final int MAX_HEADER_BYTES = 64 << 20;

  private CheckpointFile() {}

  enum Kind {
    WEIGHTS,
    OPTIMIZER,
    STATE
  }

  /// @param length in floats, or in bytes where it is state
  record Section(Kind kind, String name, int length) {
    Section {
      requireNonNull(kind, "kind");
      requireNonNull(name, "name");
    }

    long bytes() {
      return kind == Kind.STATE ? length : (long) length * Float.BYTES;
    }
  }

  record Header(
      int epoch, long step, String configHash, List<Measured> history, List<Section> sections) {
    Header {
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

  /// Reads it whole.
  ///
  /// @throws FlowException (DATA_LOSS) where it is not as it was written
  static Checkpoint read(Path file) {
    MessageDigest digest = sha256();
    try (InputStream in = Files.newInputStream(file);
        DataInputStream data = new DataInputStream(new DigestInputStream(in, digest))) {
      if (!Arrays.equals(data.readNBytes(MAGIC.length), MAGIC)) {
        throw damaged(file, "it does not begin like one", null);
      }
      int length = data.readInt();
      if (length < 0 || length > MAX_HEADER_BYTES) {
        throw damaged(file, "a header of " + length + " bytes", null);
      }
      Header header =
          RunJson.MAPPER.readValue(
              new String(data.readNBytes(length), StandardCharsets.UTF_8), Header.class);
      requireSize(file, header, length);
      Checkpoint checkpoint = checkpoint(data, header);
      byte[] hash = digest.digest();
      if (!Arrays.equals(hash, in.readNBytes(HASH_BYTES))) {
        throw damaged(file, "its SHA-256 is another", null);
      }
      return checkpoint;
    } catch (EOFException | JacksonException e) {
      throw damaged(file, "it ends early or its header is no JSON", e);
    } catch (IOException e) {
      throw RunStore.failed(file, e);
    }
  }

  private static void requireSize(Path file, Header header, int headerBytes) throws IOException {
    long expected = MAGIC.length + Integer.BYTES + (long) headerBytes + HASH_BYTES;
    for (Section section : header.sections()) {
      if (section.length() < 0) {
        throw damaged(file, "a section of " + section.length(), null);
      }
      expected += section.bytes();
    }
    if (Files.size(file) != expected) {
      throw damaged(file, "%d bytes of %d".formatted(Files.size(file), expected), null);
    }
  }

  private static Checkpoint checkpoint(DataInputStream data, Header header) throws IOException {
    Map<String, float[]> weights = new LinkedHashMap<>();
    Map<String, float[]> optimizer = new LinkedHashMap<>();
    Map<String, byte[]> state = new LinkedHashMap<>();
    byte[] buffer = new byte[BUFFER_BYTES];
    for (Section section : header.sections()) {
      switch (section.kind()) {
        case WEIGHTS -> weights.put(section.name(), floats(data, section.length(), buffer));
        case OPTIMIZER -> optimizer.put(section.name(), floats(data, section.length(), buffer));
        case STATE -> state.put(section.name(), data.readNBytes(section.length()));
      }
    }
    return new Checkpoint(
        header.epoch(),
        header.step(),
        header.configHash(),
        weights,
        optimizer,
        state,
        header.history());
  }

  private static float[] floats(DataInputStream data, int length, byte[] buffer)
      throws IOException {
    float[] values = new float[length];
    for (int done = 0; done < length; ) {
      int count = Math.min(length - done, buffer.length / Float.BYTES);
      data.readFully(buffer, 0, count * Float.BYTES);
      ByteBuffer.wrap(buffer)
          .order(ByteOrder.LITTLE_ENDIAN)
          .asFloatBuffer()
          .get(values, done, count);
      done += count;
    }
    return values;
  }

  private static FlowException damaged(Path file, String why, @Nullable Exception cause) {
    return new FlowException(
        ErrorCode.DATA_LOSS,
        "checkpoint: %s is damaged: %s (expected: a file as it was written)".formatted(file, why),
        cause);
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java runtime has SHA-256", e);
    }
  }
}
