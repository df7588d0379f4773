package io.attune.indexer;

import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.attune.document.Document;
import io.attune.proto.docarray.DocumentProto;

/// How deep messages lie in messages. Protocol buffers write any depth and read 100 levels: what is
/// deeper could be stored and never be read again.
final class Nesting {
  /// The levels that a document may have.
  static final int MAX_LEVELS = 90;

  private Nesting() {}

  static boolean fits(Document document) {
    try {
      return fits(document.toProto(), MAX_LEVELS);
    } catch (IllegalStateException _) {
      return false; // a document past 100 levels makes no message
    }
  }

  private static boolean fits(DocumentProto document, int levels) {
    return levels > 0
        && fits(document.getTags(), levels - 1)
        && fits(document.getMetadata(), levels - 1)
        && document.getChunksList().stream().allMatch(chunk -> fits(chunk, levels - 1))
        && document.getMatchesList().stream().allMatch(match -> fits(match, levels - 1));
  }

  /// A field of an object is an entry and a value.
  private static boolean fits(Struct object, int levels) {
    return levels > 0
        && object.getFieldsMap().values().stream().allMatch(value -> fits(value, levels - 2));
  }

  private static boolean fits(ListValue list, int levels) {
    return levels > 0 && list.getValuesList().stream().allMatch(value -> fits(value, levels - 1));
  }

  private static boolean fits(Value value, int levels) {
    return switch (value.getKindCase()) {
      case STRUCT_VALUE -> fits(value.getStructValue(), levels - 1);
      case LIST_VALUE -> fits(value.getListValue(), levels - 1);
      case STRING_VALUE, NUMBER_VALUE, BOOL_VALUE, NULL_VALUE, KIND_NOT_SET -> levels > 0;
    };
  }
}
