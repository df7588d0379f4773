package io.attune.document.file;

import com.google.protobuf.InvalidProtocolBufferException;
import io.attune.document.Document;
import io.attune.proto.docarray.DocumentProto;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Reads docarray's binary stream.
final class BinaryReader extends DocumentReader {
  static final int VERSION = 1;

  /// What the count says until the file is complete, so that a file cut short is never taken for
  /// one of no documents.
  static final long UNFINISHED = -1;

  private static final int COUNT_BYTES = 8;
  private static final int LENGTH_BYTES = 4;
  private static final int ARRAY_MESSAGE = 0x0A;
  private static final int PICKLE = 0x80;

  private final Source source;
  private final int maxBytes;
  private long offset;
  private long count;
  private long read;
  private long start;

  BinaryReader(Source source, int maxBytes) {
    super(source);
    this.source = source;
    this.maxBytes = maxBytes;
  }

  @Override
  @Nullable Document read() throws IOException {
    if (offset == 0) {
      readHeader();
    }
    start = offset;
    if (read == count) {
      if (source.readNBytes(1).length > 0) {
        throw error(offset, "more bytes after the last of " + shownCount() + " documents", null);
      }
      return null;
    }
    long length = Integer.toUnsignedLong(ByteBuffer.wrap(take(LENGTH_BYTES)).getInt());
    if (length > maxBytes) {
      throw error(
          start, "a document of %d bytes (expected: at most %d)".formatted(length, maxBytes), null);
    }
    Document document = parse(take((int) length));
    read++;
    return document;
  }

  private void readHeader() throws IOException {
    byte[] first = source.readNBytes(1);
    if (first.length == 0) {
      throw error(0, "empty (expected: docarray's binary stream)", null);
    }
    int version = first[0] & 0xFF;
    if (version != VERSION) {
      String meaning =
          switch (version) {
            case PICKLE -> ", which is Python's pickle";
            case ARRAY_MESSAGE -> ", which is protocol='protobuf-array'";
            default -> "";
          };
      throw error(
          0,
          "starts with %d%s (expected: 1, docarray's binary stream with protocol='protobuf')"
              .formatted(version, meaning),
          null);
    }
    offset = 1;
    count = ByteBuffer.wrap(take(COUNT_BYTES)).getLong();
  }

  private byte[] take(int length) throws IOException {
    byte[] bytes = source.readNBytes(length);
    offset += bytes.length;
    if (bytes.length < length) {
      throw error(
          offset,
          start == 0
              ? "ends in the header"
              : "ends in document %d of %s, which starts at byte %d"
                  .formatted(read + 1, shownCount(), start),
          null);
    }
    return bytes;
  }

  private String shownCount() {
    return count == UNFINISHED ? "an unfinished file" : Long.toUnsignedString(count);
  }

  private Document parse(byte[] bytes) {
    Compression compression = Compression.of(bytes);
    String name = compression.name().toLowerCase(Locale.ROOT);
    try {
      byte[] message = compression.decompress(bytes, maxBytes);
      if (message.length > maxBytes) {
        throw error(
            start,
            "a document of more than %d bytes, compressed (expected: at most %1$d)"
                .formatted(maxBytes),
            null);
      }
      return Document.from(DocumentProto.parseFrom(message));
    } catch (InvalidProtocolBufferException e) {
      throw error(
          start,
          "document %d is no message of docarray: %s".formatted(read + 1, e.getMessage()),
          e);
    } catch (IOException e) {
      throw error(
          start,
          "document %d, %s that is cut or damaged: %s".formatted(read + 1, name, e.getMessage()),
          e);
    }
  }

  private FileFormatException error(long at, String problem, @Nullable Throwable cause) {
    return FileFormatException.atByte(source.name(), at, problem, cause);
  }

  @Override
  long start() {
    return start;
  }

  @Override
  String place(long start) {
    return FileFormatException.offset(source.name(), start);
  }
}
