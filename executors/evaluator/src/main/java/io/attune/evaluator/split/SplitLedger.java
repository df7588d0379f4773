package io.attune.evaluator.split;

import io.attune.evaluator.split.QuerySplit.Side;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.lock.ProcessLock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;

/// The file of a [QuerySplit]: records of one length, one after another, each with a checksum.
///
/// A record is the side (1 byte), the SHA-256 of the normalised text (32), the signature (64 x 4,
/// little-endian) and the CRC-32C of those (4). A last record that is not whole is what a crash
/// left of one that was never answered, and is cut off.
final class SplitLedger implements AutoCloseable {
  private static final String LOCK = ".lock";
  private static final int HASH_BYTES = 32;
  private static final int BODY_BYTES = 1 + HASH_BYTES + Integer.BYTES * MinHash.SIZE;
  private static final int RECORD_BYTES = BODY_BYTES + Integer.BYTES;

  private final ProcessLock lock;
  private final FileChannel file;
  private final List<Entry> entries;
  private long end;

  private SplitLedger(ProcessLock lock, FileChannel file, List<Entry> entries) {
    this.lock = lock;
    this.file = file;
    this.entries = entries;
    this.end = (long) entries.size() * RECORD_BYTES;
  }

  /// A query and its side.
  @SuppressWarnings("ArrayRecordComponent") // entries are compared by value nowhere
  record Entry(byte[] hash, int[] signature, Side side) {
    String name() {
      return SplitLedger.name(hash);
    }
  }

  static String name(byte[] hash) {
    return HexFormat.of().formatHex(hash);
  }

  static SplitLedger open(Path path) throws IOException {
    Path absolute = path.toAbsolutePath();
    Path folder = absolute.getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    ProcessLock lock =
        ProcessLock.acquire(
            absolute.resolveSibling(absolute.getFileName() + LOCK), _ -> openElsewhere(path));
    try {
      return open(path, lock);
    } catch (IOException | RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  private static SplitLedger open(Path path, ProcessLock lock) throws IOException {
    FileChannel file =
        FileChannel.open(
            path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      List<Entry> entries = read(path, file);
      file.truncate((long) entries.size() * RECORD_BYTES);
      file.force(true);
      return new SplitLedger(lock, file, entries);
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  private static FlowException openElsewhere(Path path) {
    return new FlowException(
        ErrorCode.FAILED_PRECONDITION,
        "query split: %s is open elsewhere (expected: one process to a file)".formatted(path));
  }

  /// What a file holds, while another process may add to it; nothing where there is none.
  static List<Entry> read(Path path) throws IOException {
    try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
      return read(path, file);
    } catch (NoSuchFileException _) {
      return List.of();
    }
  }

  private static List<Entry> read(Path path, FileChannel file) throws IOException {
    List<Entry> entries = new ArrayList<>();
    ByteBuffer record = ByteBuffer.allocate(RECORD_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    long whole = file.size() / RECORD_BYTES;
    for (long i = 0; i < whole; i++) {
      record.clear();
      while (record.hasRemaining()) {
        if (file.read(record, i * RECORD_BYTES + record.position()) < 0) {
          throw new IOException(path + " became shorter while it was read");
        }
      }
      record.flip();
      Optional<Entry> entry = entry(record);
      if (entry.isPresent()) {
        entries.add(entry.get());
      } else if (i < whole - 1) {
        throw damaged(path, i);
      }
    }
    return entries;
  }

  private static FlowException damaged(Path path, long number) {
    return new FlowException(
        ErrorCode.DATA_LOSS,
        "query split: %s is damaged at byte %d (expected: a record with its checksum; restore the file from a backup: without it queries of the gate would be trained on)"
            .formatted(path, number * RECORD_BYTES));
  }

  /// The entry of a record; none where it is damaged.
  private static Optional<Entry> entry(ByteBuffer record) {
    byte[] body = new byte[BODY_BYTES];
    record.get(0, body);
    if (record.getInt(BODY_BYTES) != checksum(body)) {
      return Optional.empty();
    }
    byte[] hash = new byte[HASH_BYTES];
    record.get(1, hash);
    int[] signature = new int[MinHash.SIZE];
    for (int i = 0; i < signature.length; i++) {
      signature[i] = record.getInt(1 + HASH_BYTES + Integer.BYTES * i);
    }
    return Side.of(body[0]).map(side -> new Entry(hash, signature, side));
  }

  private static int checksum(byte[] body) {
    CRC32C crc = new CRC32C();
    crc.update(body);
    return (int) crc.getValue();
  }

  /// What the file held when it was opened.
  List<Entry> entries() {
    return entries;
  }

  /// Keeps an entry; it is durable when this returns. Where it fails the next one takes its place.
  void append(Entry entry) throws IOException {
    ByteBuffer record = ByteBuffer.allocate(RECORD_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    record.put(entry.side().code()).put(entry.hash());
    for (int place : entry.signature()) {
      record.putInt(place);
    }
    byte[] body = new byte[BODY_BYTES];
    record.get(0, body);
    record.putInt(checksum(body)).flip();
    while (record.hasRemaining()) {
      file.write(record, end + record.position());
    }
    file.force(false);
    end += RECORD_BYTES;
  }

  @Override
  public void close() throws IOException {
    try (lock) {
      file.close();
    }
  }
}
