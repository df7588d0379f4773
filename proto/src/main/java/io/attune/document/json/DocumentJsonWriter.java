package io.attune.document.json;

import com.google.protobuf.Struct;
import io.attune.document.NdArray;
import io.attune.document.json.DocumentJson.Unset;
import io.attune.proto.docarray.DocumentProto;
import io.attune.proto.docarray.NamedScoreProto;
import io.attune.proto.docarray.NdArrayProto;
import io.attune.proto.docarray.NdArrayProto.ContentCase;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JsonGenerator;

/// Writes documents to one generator.
final class DocumentJsonWriter {
  private final JsonGenerator out;
  private final boolean nulls;

  DocumentJsonWriter(JsonGenerator out, Unset unset) {
    this.out = out;
    this.nulls = unset == Unset.NULL;
  }

  void document(DocumentProto document) {
    out.writeStartObject();
    text("id", document.getId());
    text("parent_id", document.getParentId());
    count("granularity", document.getGranularity());
    count("adjacency", document.getAdjacency());
    if (isSet("blob", !document.getBlob().isEmpty())) {
      out.writeString(Base64.getEncoder().encodeToString(document.getBlob().toByteArray()));
    }
    tensor("tensor", document.hasTensor(), document.getTensor());
    text("mime_type", document.getMimeType());
    text("text", document.getText());
    number("weight", document.getWeight());
    text("uri", document.getUri());
    object("tags", document.getTags());
    number("offset", document.getOffset());
    location(document.getLocationList());
    tensor("embedding", document.hasEmbedding(), document.getEmbedding());
    text("modality", document.getModality());
    scores("evaluations", document.getEvaluationsMap());
    scores("scores", document.getScoresMap());
    documents("chunks", document.getChunksList());
    documents("matches", document.getMatchesList());
    if (document.getMetadata().getFieldsCount() > 0) {
      out.writeName("_metadata");
      StructJson.write(out, document.getMetadata());
    }
    out.writeEndObject();
  }

  /// Writes the name if a value is to follow, or null.
  private boolean isSet(String name, boolean isSet) {
    if (isSet) {
      out.writeName(name);
    } else if (nulls) {
      out.writeNullProperty(name);
    }
    return isSet;
  }

  private void text(String name, String value) {
    if (isSet(name, !value.isEmpty())) {
      out.writeString(value);
    }
  }

  private void count(String name, int value) {
    if (isSet(name, value != 0)) {
      out.writeNumber(Integer.toUnsignedLong(value));
    }
  }

  private void number(String name, float value) {
    if (isSet(name, value != 0)) {
      out.writeNumber(value);
    }
  }

  private void object(String name, Struct value) {
    if (isSet(name, value.getFieldsCount() > 0)) {
      StructJson.write(out, value);
    }
  }

  private void tensor(String name, boolean isSet, NdArrayProto value) {
    if (isSet(name, isSet && value.getContentCase() != ContentCase.CONTENT_NOT_SET)) {
      TensorWriter.write(out, NdArray.from(value));
    }
  }

  private void location(List<Float> location) {
    if (isSet("location", !location.isEmpty())) {
      out.writeStartArray();
      location.forEach(out::writeNumber);
      out.writeEndArray();
    }
  }

  /// A score's value is written even if it is 0, the distance of an equal vector, which docarray
  /// drops.
  private void scores(String name, Map<String, NamedScoreProto> scores) {
    if (!isSet(name, !scores.isEmpty())) {
      return;
    }
    out.writeStartObject();
    scores.forEach((key, score) -> {
      out.writeObjectPropertyStart(key);
      out.writeName("value");
      out.writeNumber(score.getValue());
      text("op_name", score.getOpName());
      text("description", score.getDescription());
      text("ref_id", score.getRefId());
      out.writeEndObject();
    });
    out.writeEndObject();
  }

  private void documents(String name, List<DocumentProto> documents) {
    if (isSet(name, !documents.isEmpty())) {
      out.writeStartArray();
      documents.forEach(this::document);
      out.writeEndArray();
    }
  }
}
