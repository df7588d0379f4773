package io.attune.gateway.router;

import com.google.protobuf.Descriptors.FieldDescriptor;
import io.attune.proto.docarray.DocumentProto;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Jina's merge of two lists of documents by id.
final class DocumentMerge {
  private DocumentMerge() {}

  /// The base, with documents of new ids appended, and unset fields of known ones filled in.
  static List<DocumentProto> merge(List<DocumentProto> base, List<DocumentProto> added) {
    Map<String, Integer> places = new LinkedHashMap<>();
    List<DocumentProto> merged = new ArrayList<>(base);
    for (int i = 0; i < merged.size(); i++) {
      places.putIfAbsent(merged.get(i).getId(), i);
    }
    for (DocumentProto document : added) {
      Integer place = places.putIfAbsent(document.getId(), merged.size());
      if (place == null) {
        merged.add(document);
      } else {
        merged.set(place, filled(merged.get(place), document));
      }
    }
    return merged;
  }

  private static DocumentProto filled(DocumentProto base, DocumentProto other) {
    DocumentProto.Builder filled = base.toBuilder();
    for (Map.Entry<FieldDescriptor, Object> entry : other.getAllFields().entrySet()) {
      FieldDescriptor field = entry.getKey();
      boolean unset =
          field.isRepeated() ? base.getRepeatedFieldCount(field) == 0 : !base.hasField(field);
      boolean free =
          field.getRealContainingOneof() == null || !base.hasOneof(field.getRealContainingOneof());
      switch (field.getNumber()) {
        case DocumentProto.ID_FIELD_NUMBER,
            DocumentProto.PARENT_ID_FIELD_NUMBER,
            DocumentProto.CHUNKS_FIELD_NUMBER,
            DocumentProto.MATCHES_FIELD_NUMBER -> {}
        default -> {
          if (unset && free) {
            filled.setField(field, entry.getValue());
          }
        }
      }
    }
    return filled
        .clearChunks()
        .addAllChunks(merge(base.getChunksList(), other.getChunksList()))
        .clearMatches()
        .addAllMatches(merge(base.getMatchesList(), other.getMatchesList()))
        .build();
  }
}
