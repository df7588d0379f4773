package io.attune.document.query;

import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.attune.document.Document;
import io.attune.document.DocumentArray;
import io.attune.document.Score;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A field of a document, or a key nested in it: `weight`, `tags__price`, `tags__sizes__0`,
/// `scores__cosine__value`, `chunks__0__text`.
///
/// @param key as it was written, parts joined by two underscores
/// @param parts the name of the document's field, then nested keys, indexes (from the end if
///   negative) or, in `chunks` and `matches`, ids
public record Field(String key, List<String> parts) {
  private static final List<String> PLAIN =
      List.of(
          "id",
          "text",
          "tags",
          "weight",
          "uri",
          "mime_type",
          "modality",
          "parent_id",
          "granularity",
          "adjacency",
          "offset",
          "location",
          "scores",
          "evaluations",
          "_metadata",
          "content",
          "content_type");
  private static final List<String> OPAQUE =
      List.of("tensor", "embedding", "blob", "chunks", "matches");

  public Field {
    parts = List.copyOf(parts);
  }

  /// Reads a key.
  ///
  /// @throws QueryException for a name that no document has
  public static Field of(String key) {
    return parse(key, key);
  }

  static Field parse(String key, String place) {
    List<String> parts = Arrays.asList(key.split("__", -1));
    if (parts.size() > 1 && parts.getLast().isEmpty()) {
      parts = parts.subList(0, parts.size() - 1);
    }
    String name = parts.getFirst();
    boolean nests = name.equals("chunks") || name.equals("matches");
    if (!PLAIN.contains(name) && !OPAQUE.contains(name)) {
      throw QueryException.at(
          place,
          "no field of a document",
          String.join(", ", PLAIN) + ", " + String.join(", ", OPAQUE) + ", or nested as tags__key");
    }
    if (key.contains("__") && OPAQUE.contains(name) && !(nests && parts.size() > 1)) {
      throw QueryException.at(place, "a key below " + name, "$exists or $size on " + name);
    }
    return new Field(key, parts);
  }

  /// The name of the document's own field.
  public String name() {
    return parts.getFirst();
  }

  /// Whether it is a key inside the document's field.
  public boolean isNested() {
    return key.contains("__");
  }

  /// Whether values of it can only be counted and asked for, not compared.
  boolean isOpaque() {
    return !isNested() && OPAQUE.contains(name());
  }

  /// The value in a document; null where there is none. An unset text is empty and an unset number
  /// zero.
  public Value value(Document document) {
    return value(document, 0);
  }

  private Value value(Document document, int depth) {
    String name = parts.get(depth);
    if (parts.size() > depth + 1 && (name.equals("chunks") || name.equals("matches"))) {
      return value(name.equals("chunks") ? document.chunks() : document.matches(), depth + 1);
    }
    Value value = own(document, name);
    for (int i = depth + 1; i < parts.size(); i++) {
      value = below(value, parts.get(i));
    }
    return value;
  }

  private Value value(DocumentArray documents, int depth) {
    String part = parts.get(depth);
    int index = index(part, documents.size());
    Document document = index >= 0 ? documents.get(index) : documents.find(part).orElse(null);
    if (document == null) {
      return Values.NULL;
    }
    return parts.size() > depth + 1
        ? value(document, depth + 1)
        : Values.of(Struct.newBuilder().putFields("id", Values.of(document.id())).build());
  }

  private static Value own(Document document, String name) {
    return switch (name) {
      case "id" -> Values.of(document.id());
      case "text" -> Values.of(document.text());
      case "uri" -> Values.of(document.uri());
      case "mime_type" -> Values.of(document.mimeType());
      case "modality" -> Values.of(document.modality());
      case "parent_id" -> Values.of(document.parentId());
      case "weight" -> Values.of(document.weight());
      case "offset" -> Values.of(document.offset());
      case "granularity" -> Values.of(document.granularity());
      case "adjacency" -> Values.of(document.adjacency());
      case "tags" -> Values.of(document.tags());
      case "_metadata" -> Values.of(document.metadata());
      case "location" -> numbers(document.location());
      case "scores" -> scores(document.scores());
      case "evaluations" -> scores(document.evaluations());
      case "content" -> document.text().isEmpty() ? Values.NULL : Values.of(document.text());
      case "content_type" -> contentType(document);
      default -> Values.NULL;
    };
  }

  private static Value contentType(Document document) {
    return switch (document.contentCase()) {
      case TEXT -> document.text().isEmpty() ? Values.NULL : Values.of("text");
      case BLOB -> document.blob().isEmpty() ? Values.NULL : Values.of("blob");
      case TENSOR -> document.hasTensor() ? Values.of("tensor") : Values.NULL;
      case CONTENT_NOT_SET -> Values.NULL;
    };
  }

  private static Value numbers(List<Float> numbers) {
    ListValue.Builder list = ListValue.newBuilder();
    numbers.forEach(number -> list.addValues(Values.of(number)));
    return Value.newBuilder().setListValue(list).build();
  }

  private static Value scores(Map<String, Score> scores) {
    Struct.Builder object = Struct.newBuilder();
    scores.forEach((name, score) ->
        object.putFields(
            name,
            Values.of(
                Struct.newBuilder()
                    .putFields("value", Values.of(score.value()))
                    .putFields("op_name", Values.of(score.opName()))
                    .putFields("description", Values.of(score.description()))
                    .putFields("ref_id", Values.of(score.refId()))
                    .build())));
    return Values.of(object.build());
  }

  private static Value below(Value value, String part) {
    return switch (value.getKindCase()) {
      case STRUCT_VALUE -> value.getStructValue().getFieldsOrDefault(part, Values.NULL);
      case LIST_VALUE -> {
        int index = index(part, value.getListValue().getValuesCount());
        yield index < 0 ? Values.NULL : value.getListValue().getValues(index);
      }
      case STRING_VALUE -> {
        String text = value.getStringValue();
        int index = index(part, text.codePointCount(0, text.length()));
        yield index < 0 ? Values.NULL : Values.of(codePoint(text, index));
      }
      case NUMBER_VALUE, BOOL_VALUE, NULL_VALUE, KIND_NOT_SET -> Values.NULL;
    };
  }

  private static String codePoint(String text, int index) {
    return Character.toString(text.codePointAt(text.offsetByCodePoints(0, index)));
  }

  /// The index that a part stands for, or -1 if it is none or past the ends.
  private static int index(String part, int size) {
    if (!isIndex(part)) {
      return -1;
    }
    int index = Integer.parseInt(part);
    int fromStart = index < 0 ? index + size : index;
    return fromStart < size ? Math.max(fromStart, -1) : -1;
  }

  private static boolean isIndex(String part) {
    int start = part.startsWith("-") ? 1 : 0;
    for (int i = start; i < part.length(); i++) {
      if (part.charAt(i) < '0' || part.charAt(i) > '9') {
        return false;
      }
    }
    return part.length() > start && part.length() < 10;
  }

  boolean exists(Document document) {
    if (isNested()) {
      return !Values.isNull(value(document));
    }
    return switch (name()) {
      case "id" -> true;
      case "chunks" -> document.chunkCount() > 0;
      case "matches" -> document.matchCount() > 0;
      case "embedding" -> document.hasEmbedding();
      case "tensor" -> document.hasTensor();
      case "blob" -> !document.blob().isEmpty();
      case "content" -> !Values.isNull(contentType(document));
      default -> !isEmpty(value(document));
    };
  }

  private static boolean isEmpty(Value value) {
    return switch (value.getKindCase()) {
      case STRING_VALUE -> value.getStringValue().isEmpty();
      case NUMBER_VALUE -> value.getNumberValue() == 0;
      case BOOL_VALUE -> false;
      case LIST_VALUE -> value.getListValue().getValuesCount() == 0;
      case STRUCT_VALUE -> value.getStructValue().getFieldsCount() == 0;
      case NULL_VALUE, KIND_NOT_SET -> true;
    };
  }

  /// Python's `len`; -1 for what has none.
  int size(Document document) {
    return switch (isNested() ? "" : name()) {
      case "chunks" -> document.chunkCount();
      case "matches" -> document.matchCount();
      case "blob" -> document.blob().size();
      case "embedding" -> rows(document.embeddingShape());
      case "tensor" -> rows(document.tensorShape());
      case "content" -> contentSize(document);
      default -> size(value(document));
    };
  }

  private int contentSize(Document document) {
    return switch (document.contentCase()) {
      case TEXT -> document.text().isEmpty() ? -1 : size(Values.of(document.text()));
      case BLOB -> document.blob().isEmpty() ? -1 : document.blob().size();
      case TENSOR -> rows(document.tensorShape());
      case CONTENT_NOT_SET -> -1;
    };
  }

  private static int rows(Optional<int[]> shape) {
    return shape.filter(sizes -> sizes.length > 0).map(sizes -> sizes[0]).orElse(-1);
  }

  private static int size(Value value) {
    return switch (value.getKindCase()) {
      case STRING_VALUE ->
          value.getStringValue().codePointCount(0, value.getStringValue().length());
      case LIST_VALUE -> value.getListValue().getValuesCount();
      case STRUCT_VALUE -> value.getStructValue().getFieldsCount();
      case NUMBER_VALUE, BOOL_VALUE, NULL_VALUE, KIND_NOT_SET -> -1;
    };
  }
}
