package io.attune.document;

import com.google.protobuf.ByteString;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.attune.proto.docarray.DocumentProto;
import io.attune.proto.docarray.NdArrayProto;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.Optional;
import java.util.zip.CRC32C;

/// The mark that says which vector space an embedding belongs to.
///
/// It is the string `<crc>:<space>` at `_metadata["attune.space"]` of the document, where `crc` is
/// the CRC-32C of the vector's elements as little-endian 32-bit floats, in eight hex digits.
/// `_metadata` is the one place that survives every kind of handling by docarray 0.21 that keeps
/// the document: `embedding.parameters` is lost as soon as Python parses the message, and tags are
/// the user's to replace (`src/test/python/space_mark.py` shows it). As nothing ties `_metadata` to
/// the vector, the checksum does: a mark does not vouch for a vector that was put in its place
/// afterwards. The checksum is of 32-bit floats whatever the element type, because a Python hop may
/// turn `<f4` into `<f8` (`ndarray_type='list'`) without changing the vector.
final class SpaceMark {
  static final String KEY = "attune.space";

  private static final int DIGITS = 8;

  private SpaceMark() {}

  static void write(DocumentProto.Builder message, NdArray embedding, String space) {
    if (space.isBlank()) {
      throw new IllegalArgumentException("space: \"" + space + "\" (expected: a name)");
    }
    String mark = checksum(embedding) + ":" + space;
    message.getMetadataBuilder().putFields(KEY, Value.newBuilder().setStringValue(mark).build());
  }

  static void clear(DocumentProto.Builder message) {
    if (!message.hasMetadata() || !message.getMetadata().containsFields(KEY)) {
      return;
    }
    Struct rest = message.getMetadata().toBuilder().removeFields(KEY).build();
    if (rest.getFieldsCount() == 0) {
      message.clearMetadata();
    } else {
      message.setMetadata(rest);
    }
  }

  /// The space of the message's embedding; empty without a mark, without an embedding, or if the
  /// mark was made of another vector.
  static Optional<String> read(DocumentProto.Builder message) {
    if (!message.hasMetadata() || !message.hasEmbedding()) {
      return Optional.empty();
    }
    Value value = message.getMetadata().getFieldsMap().get(KEY);
    String mark = value == null ? "" : value.getStringValue();
    if (mark.length() <= DIGITS + 1 || mark.charAt(DIGITS) != ':') {
      return Optional.empty();
    }
    return mark.startsWith(checksum(message.getEmbedding()))
        ? Optional.of(mark.substring(DIGITS + 1))
        : Optional.empty();
  }

  private static String checksum(NdArrayProto embedding) {
    ByteString buffer = embedding.getDense().getBuffer();
    if (!buffer.isEmpty() && embedding.getDense().getDtype().equals("<f4")) {
      return checksum(buffer.asReadOnlyByteBuffer());
    }
    try {
      return checksum(NdArray.from(embedding));
    } catch (IllegalArgumentException _) {
      return "unreadable"; // sparse or malformed: a vector that nobody can have marked
    }
  }

  private static String checksum(NdArray embedding) {
    if (embedding.dtype() == DType.FLOAT32) {
      return checksum(embedding.buffer());
    }
    float[] values = embedding.floats();
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.multiplyExact(values.length, Float.BYTES))
            .order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return checksum(bytes);
  }

  private static String checksum(ByteBuffer bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    return HexFormat.of().toHexDigits((int) crc.getValue());
  }
}
