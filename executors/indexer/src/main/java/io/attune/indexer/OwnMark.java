package io.attune.indexer;

import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.attune.document.NdArray;
import io.attune.indexer.generation.Unit;
import io.attune.proto.docarray.DocumentProto;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.CRC32C;

/// Notes in a document which of its vectors came with it instead of from an encoder: those that
/// carried no mark, and whose space the request or the configuration told.
///
/// It is the list `_metadata["attune.own"]` of the root, `<crc>:<path>` for each such vector. Where
/// a document comes again with one of these vectors, marked meanwhile, it is still its own.
final class OwnMark {
  static final String KEY = "attune.own";
  private static final int DIGITS = 8;

  private OwnMark() {}

  /// The document with its mark; every vector of it is marked with its space already.
  ///
  /// @param unmarked the paths of the vectors that came without a mark of their space
  static DocumentProto mark(DocumentProto document, List<String> unmarked) {
    if (unmarked.isEmpty() && !document.getMetadata().containsFields(KEY)) {
      return document;
    }
    ListValue.Builder own = ListValue.newBuilder();
    for (String path : unmarked) {
      own.addValues(text(entry(document, path)));
    }
    for (Value former : values(document)) {
      String entry = former.getStringValue();
      if (entry.length() > DIGITS
          && !unmarked.contains(path(entry))
          && isAt(document, path(entry))
          && entry.equals(entry(document, path(entry)))) {
        own.addValues(text(entry));
      }
    }
    return withMark(document, own.build());
  }

  private static DocumentProto withMark(DocumentProto document, ListValue own) {
    Struct.Builder metadata = document.getMetadata().toBuilder();
    if (own.getValuesCount() == 0) {
      metadata.removeFields(KEY);
    } else {
      metadata.putFields(KEY, Value.newBuilder().setListValue(own).build());
    }
    DocumentProto.Builder marked = document.toBuilder();
    return metadata.getFieldsCount() == 0
        ? marked.clearMetadata().build()
        : marked.setMetadata(metadata).build();
  }

  /// The paths of the vectors that are the document's own.
  static List<String> paths(DocumentProto document) {
    List<String> paths = new ArrayList<>();
    for (Value value : values(document)) {
      if (value.getStringValue().length() > DIGITS) {
        paths.add(path(value.getStringValue()));
      }
    }
    return paths;
  }

  private static List<Value> values(DocumentProto document) {
    return document
        .getMetadata()
        .getFieldsOrDefault(KEY, Value.getDefaultInstance())
        .getListValue()
        .getValuesList();
  }

  private static String path(String entry) {
    return entry.substring(DIGITS + 1);
  }

  private static Value text(String text) {
    return Value.newBuilder().setStringValue(text).build();
  }

  /// Whether there is a vector at a path, which may be anything.
  private static boolean isAt(DocumentProto document, String path) {
    if (!path.matches("|\\d{1,9}(/\\d{1,9})*")) {
      return false;
    }
    DocumentProto part = document;
    for (int position : Unit.positions(path)) {
      if (position >= part.getChunksCount()) {
        return false;
      }
      part = part.getChunks(position);
    }
    return part.hasEmbedding();
  }

  private static String entry(DocumentProto document, String path) {
    DocumentProto part = document;
    for (int position : Unit.positions(path)) {
      part = part.getChunks(position);
    }
    float[] vector = NdArray.from(part.getEmbedding()).floats();
    ByteBuffer bytes =
        ByteBuffer.allocate(vector.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(vector);
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    return HexFormat.of().toHexDigits((int) crc.getValue()) + ":" + path;
  }
}
