package io.attune.document;

import com.google.protobuf.Value;
import io.attune.proto.docarray.DocumentProto;

/// Fills the fields that a message lacks from another version of the same document.
final class Merge {
  private Merge() {}

  static void fields(DocumentProto.Builder into, DocumentProto.Builder from) {
    content(into, from);
    numbers(into, from);
    if (into.getUri().isEmpty()) {
      into.setUri(from.getUri());
    }
    if (into.getModality().isEmpty()) {
      into.setModality(from.getModality());
    }
    if (into.getMimeType().isEmpty()) {
      into.setMimeType(from.getMimeType());
    }
    if (into.getLocationCount() == 0) {
      into.addAllLocation(from.getLocationList());
    }
    maps(into, from);
    embedding(into, from);
  }

  /// As docarray, which sets what is not set: a blob that is set clears the text.
  private static void content(DocumentProto.Builder into, DocumentProto.Builder from) {
    if (into.getContentCase() == from.getContentCase() && !isEmpty(into)) {
      return;
    }
    if (isEmpty(from)) {
      return;
    }
    switch (from.getContentCase()) {
      case TEXT -> into.setText(from.getText());
      case BLOB -> into.setBlob(from.getBlob());
      case TENSOR -> into.setTensor(from.getTensor());
      case CONTENT_NOT_SET -> {}
    }
  }

  private static boolean isEmpty(DocumentProto.Builder message) {
    return message.getText().isEmpty() && message.getBlob().isEmpty() && !message.hasTensor();
  }

  private static void numbers(DocumentProto.Builder into, DocumentProto.Builder from) {
    if (into.getGranularity() == 0) {
      into.setGranularity(from.getGranularity());
    }
    if (into.getAdjacency() == 0) {
      into.setAdjacency(from.getAdjacency());
    }
    if (into.getWeight() == 0) {
      into.setWeight(from.getWeight());
    }
    if (into.getOffset() == 0) {
      into.setOffset(from.getOffset());
    }
  }

  private static void maps(DocumentProto.Builder into, DocumentProto.Builder from) {
    if (into.getTags().getFieldsCount() == 0 && from.hasTags()) {
      into.setTags(from.getTags());
    }
    if (into.getScoresCount() == 0) {
      into.putAllScores(from.getScoresMap());
    }
    if (into.getEvaluationsCount() == 0) {
      into.putAllEvaluations(from.getEvaluationsMap());
    }
    if (into.getMetadata().getFieldsCount() == 0 && from.hasMetadata()) {
      into.setMetadata(from.getMetadata());
    }
  }

  /// The vector comes with the mark of its space, even into foreign metadata.
  private static void embedding(DocumentProto.Builder into, DocumentProto.Builder from) {
    if (into.hasEmbedding() || !from.hasEmbedding()) {
      return;
    }
    into.setEmbedding(from.getEmbedding());
    Value mark = from.getMetadata().getFieldsMap().get(SpaceMark.KEY);
    if (mark != null) {
      into.getMetadataBuilder().putFields(SpaceMark.KEY, mark);
    }
  }
}
