package io.attune.document.json;

import com.google.protobuf.ByteString;
import com.google.protobuf.Struct;
import io.attune.document.Document;
import io.attune.document.json.DocumentJson.Unknown;
import io.attune.proto.docarray.DocumentProto;
import io.attune.proto.docarray.DocumentProto.ContentCase;
import io.attune.proto.docarray.NamedScoreProto;
import java.util.function.BiConsumer;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/// Reads documents from one parser.
final class DocumentJsonReader {
  private final JsonParser in;
  private final boolean unknownAsTags;

  DocumentJsonReader(JsonParser in, Unknown unknown) {
    this.in = in;
    this.unknownAsTags = unknown == Unknown.TAG;
  }

  DocumentProto document(int depth) {
    Tokens.startObject(in);
    if (depth > DocumentJson.MAX_DEPTH) {
      throw JsonFormatException.at(
          in,
          "nested deeper than " + DocumentJson.MAX_DEPTH,
          "at most " + DocumentJson.MAX_DEPTH + " levels");
    }
    DocumentProto.Builder document = DocumentProto.newBuilder();
    Struct.Builder extra = Struct.newBuilder();
    for (String name = in.nextName(); name != null; name = in.nextName()) {
      if (in.nextToken() != JsonToken.VALUE_NULL) {
        field(document, extra, name, depth);
      } else if (!isKnown(name)) {
        unknown(extra, name);
      }
    }
    if (extra.getFieldsCount() > 0) {
      document.getTagsBuilder().putAllFields(extra.getFieldsMap());
    }
    if (document.getId().isEmpty()) {
      document.setId(Document.newId());
    }
    return document.build();
  }

  private void field(DocumentProto.Builder document, Struct.Builder extra, String name, int depth) {
    switch (name) {
      case "id" -> document.setId(Tokens.text(in));
      case "parent_id", "parentId" -> document.setParentId(Tokens.text(in));
      case "granularity" -> document.setGranularity(Tokens.count(in));
      case "adjacency" -> document.setAdjacency(Tokens.count(in));
      case "mime_type", "mimeType" -> document.setMimeType(Tokens.text(in));
      case "weight" -> document.setWeight(Tokens.single(in));
      case "uri" -> document.setUri(Tokens.text(in));
      case "modality" -> document.setModality(Tokens.text(in));
      case "offset" -> document.setOffset(Tokens.single(in));
      case "location" -> list(() -> document.addLocation(Tokens.single(in)));
      case "tags" -> document.setTags(StructJson.read(in));
      case "_metadata", "Metadata" -> document.setMetadata(StructJson.read(in));
      case "embedding" -> document.setEmbedding(TensorReader.read(in));
      case "evaluations" -> scores(document::putEvaluations);
      case "scores" -> scores(document::putScores);
      case "chunks" -> list(() -> document.addChunks(document(depth + 1)));
      case "matches" -> list(() -> document.addMatches(document(depth + 1)));
      case "text", "content", "blob", "tensor" -> content(document, name);
      default -> unknown(extra, name);
    }
  }

  private static boolean isKnown(String name) {
    return switch (name) {
      case "id", "parent_id", "parentId", "granularity", "adjacency", "mime_type", "mimeType" ->
          true;
      case "weight", "uri", "modality", "offset", "location", "tags", "_metadata", "Metadata" ->
          true;
      case "embedding", "evaluations", "scores", "chunks", "matches" -> true;
      case "text", "content", "blob", "tensor" -> true;
      default -> false;
    };
  }

  /// Text, blob and tensor exclude each other; an empty one is unset.
  private void content(DocumentProto.Builder document, String name) {
    switch (name) {
      case "blob" -> {
        ByteString blob = ByteString.copyFrom(Blobs.read(in));
        if (!blob.isEmpty()) {
          only(document).setBlob(blob);
        }
      }
      case "tensor" -> only(document).setTensor(TensorReader.read(in));
      default -> {
        String text = Tokens.text(in);
        if (!text.isEmpty()) {
          only(document).setText(text);
        }
      }
    }
  }

  private DocumentProto.Builder only(DocumentProto.Builder document) {
    if (document.getContentCase() != ContentCase.CONTENT_NOT_SET) {
      throw JsonFormatException.at(in, "a second content", "one of text, blob and tensor");
    }
    return document;
  }

  private void unknown(Struct.Builder extra, String name) {
    if (!unknownAsTags) {
      throw JsonFormatException.at(in, "unknown", "a field of a document");
    }
    extra.putFields(name, StructJson.value(in));
  }

  private void list(Runnable element) {
    Tokens.startArray(in);
    while (in.nextToken() != JsonToken.END_ARRAY) {
      element.run();
    }
  }

  private void scores(BiConsumer<String, NamedScoreProto> scores) {
    Tokens.startObject(in);
    for (String name = in.nextName(); name != null; name = in.nextName()) {
      in.nextToken();
      scores.accept(name, score());
    }
  }

  private NamedScoreProto score() {
    Tokens.startObject(in);
    NamedScoreProto.Builder score = NamedScoreProto.newBuilder();
    for (String name = in.nextName(); name != null; name = in.nextName()) {
      if (in.nextToken() == JsonToken.VALUE_NULL) {
        continue;
      }
      switch (name) {
        case "value" -> score.setValue(Tokens.single(in));
        case "op_name", "opName" -> score.setOpName(Tokens.text(in));
        case "description" -> score.setDescription(Tokens.text(in));
        case "ref_id", "refId" -> score.setRefId(Tokens.text(in));
        default ->
            throw JsonFormatException.at(in, "unknown", "value, op_name, description or ref_id");
      }
    }
    return score.build();
  }
}
