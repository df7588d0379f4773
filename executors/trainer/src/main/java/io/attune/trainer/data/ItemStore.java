package io.attune.trainer.data;

import com.google.protobuf.InvalidProtocolBufferException;
import io.attune.document.Document;
import io.attune.proto.docarray.DocumentProto;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Documents in a file of their own with the offsets in memory, eight bytes for each: data may be
/// larger than the memory, and what is read often is in the operating system's cache. The file has
/// no name any more once it is open, so that nothing is left behind even by a killed process.
///
/// Adding is for one thread; reading, after [#seal()], for any number. It is no channel, for a
/// thread that is interrupted would close that for all.
final class ItemStore implements AutoCloseable {
  private static final int BUFFER_BYTES = 1 << 16;

  private final RandomAccessFile file;
  private byte[] buffer = new byte[BUFFER_BYTES];
  private int buffered;
  private long[] offsets = new long[64];
  private int size;

  ItemStore(@Nullable Path folder) {
    try {
      if (folder != null) {
        Files.createDirectories(folder);
      }
      Path path =
          folder == null
              ? Files.createTempFile("attune-items-", ".bin")
              : Files.createTempFile(folder, "attune-items-", ".bin");
      file = new RandomAccessFile(path.toFile(), "rw");
      Files.delete(path);
    } catch (IOException e) {
      throw failed(e);
    }
  }

  /// Adds a document; its number.
  int add(Document document) {
    byte[] bytes = document.toProto().toByteArray();
    if (size + 1 == offsets.length) {
      offsets = Arrays.copyOf(offsets, Math.multiplyExact(offsets.length, 2));
    }
    try {
      if (buffered + bytes.length > buffer.length) {
        flush();
      }
      if (bytes.length > buffer.length) {
        file.write(bytes);
      } else {
        System.arraycopy(bytes, 0, buffer, buffered, bytes.length);
        buffered += bytes.length;
      }
    } catch (IOException e) {
      throw failed(e);
    }
    offsets[size + 1] = offsets[size] + bytes.length;
    return size++;
  }

  /// Ends the adding.
  void seal() {
    try {
      flush();
    } catch (IOException e) {
      throw failed(e);
    }
    buffer = new byte[0];
    offsets = Arrays.copyOf(offsets, size + 1);
  }

  private void flush() throws IOException {
    file.write(buffer, 0, buffered);
    buffered = 0;
  }

  /// The document of a number.
  Document get(int item) {
    byte[] bytes = new byte[Math.toIntExact(offsets[item + 1] - offsets[item])];
    try {
      synchronized (file) {
        file.seek(offsets[item]);
        file.readFully(bytes);
      }
      return Document.from(DocumentProto.parseFrom(bytes));
    } catch (InvalidProtocolBufferException e) {
      throw new FlowException(ErrorCode.DATA_LOSS, "item " + item + ": " + e.getMessage(), e);
    } catch (IOException e) {
      throw failed(e);
    }
  }

  int size() {
    return size;
  }

  private static FlowException failed(IOException cause) {
    return new FlowException(
        ErrorCode.INTERNAL, "training data's temporary file: " + cause.getMessage(), cause);
  }

  @Override
  public void close() {
    try {
      file.close();
    } catch (IOException e) {
      throw failed(e);
    }
  }
}
