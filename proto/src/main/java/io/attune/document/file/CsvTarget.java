package io.attune.document.file;

import com.google.protobuf.Value;
import io.attune.document.Document;
import java.util.List;
import java.util.Locale;

/// What a column of a CSV file fills.
sealed interface CsvTarget {
  List<String> FIELDS =
      List.of("id", "text", "uri", "mime_type", "modality", "parent_id", "weight", "offset");
  List<String> OTHER_FIELDS =
      List.of(
          "blob",
          "tensor",
          "embedding",
          "chunks",
          "matches",
          "tags",
          "scores",
          "evaluations",
          "location",
          "granularity",
          "adjacency",
          "_metadata");

  /// The name of what is filled: a field's, or that of a tag behind `tags__`.
  String name();

  /// A field of the document.
  record Field(String name) implements CsvTarget {}

  /// A tag.
  record Tag(String tag, Type type) implements CsvTarget {
    @Override
    public String name() {
      return "tags__" + tag;
    }
  }

  /// Nothing.
  record Nothing() implements CsvTarget {
    @Override
    public String name() {
      return "nothing";
    }
  }

  /// How a tag's cells are read.
  enum Type {
    TEXT,
    NUMBER,
    BOOLEAN
  }

  /// What a column fills by its own name.
  static CsvTarget ofColumn(String column) {
    if (FIELDS.contains(column)) {
      return new Field(column);
    }
    if (OTHER_FIELDS.contains(column)) {
      throw new IllegalArgumentException(
          "column \""
              + column
              + "\": cannot be read from a cell (expected: map it to a tag or to -)");
    }
    String tag = column;
    for (String prefix : List.of("tags__", "tag__")) {
      if (column.startsWith(prefix)) {
        tag = column.substring(prefix.length());
        break;
      }
    }
    return tag(column, tag, Type.TEXT);
  }

  /// What a mapping says: a field, `tags__name`, `tags__name:number`, or `-`.
  static CsvTarget parse(String column, String target) {
    if (target.equals("-")) {
      return new Nothing();
    }
    if (FIELDS.contains(target)) {
      return new Field(target);
    }
    if (!target.startsWith("tags__")) {
      throw new IllegalArgumentException(
          "column \"%s\": mapped to \"%s\" (expected: %s, tags__name, tags__name:number, tags__name:boolean or -)"
              .formatted(column, target, String.join(", ", FIELDS)));
    }
    String name = target.substring("tags__".length());
    for (Type type : Type.values()) {
      String suffix = ":" + type.name().toLowerCase(Locale.ROOT);
      if (name.endsWith(suffix)) {
        return tag(column, name.substring(0, name.length() - suffix.length()), type);
      }
    }
    return tag(column, name, Type.TEXT);
  }

  private static CsvTarget tag(String column, String name, Type type) {
    if (name.isEmpty()) {
      throw new IllegalArgumentException(
          "column \"" + column + "\": a tag without a name (expected: a name)");
    }
    return new Tag(name, type);
  }

  /// Fills a document.
  ///
  /// @throws IllegalArgumentException for a cell that is not of the type
  default void fill(Document document, String cell) {
    switch (this) {
      case Nothing() -> {}
      case Tag(var name, var type) -> document.tag(name, value(cell, type));
      case Field(var name) -> {
        switch (name) {
          case "id" -> document.id(cell);
          case "text" -> document.text(cell);
          case "uri" -> document.uri(cell);
          case "mime_type" -> document.mimeType(cell);
          case "modality" -> document.modality(cell);
          case "parent_id" -> document.parentId(cell);
          case "weight" -> document.weight(single(cell));
          case "offset" -> document.offset(single(cell));
          default -> throw new IllegalStateException(name);
        }
      }
    }
  }

  private static Value value(String cell, Type type) {
    return switch (type) {
      case TEXT -> Value.newBuilder().setStringValue(cell).build();
      case NUMBER -> Value.newBuilder().setNumberValue(number(cell)).build();
      case BOOLEAN -> Value.newBuilder().setBoolValue(bool(cell)).build();
    };
  }

  private static double number(String cell) {
    String digits = cell.strip();
    if (!digits.matches("[-+]?(\\d+\\.?\\d*|\\.\\d+)([eE][-+]?\\d{1,4})?")) {
      throw new IllegalArgumentException("\"" + cell + "\" (expected: a number)");
    }
    return Double.parseDouble(digits);
  }

  private static float single(String cell) {
    float number = (float) number(cell);
    if (Float.isInfinite(number)) {
      throw new IllegalArgumentException("\"" + cell + "\" (expected: a number within +-3.4e38)");
    }
    return number;
  }

  private static boolean bool(String cell) {
    return switch (cell.strip().toLowerCase(Locale.ROOT)) {
      case "true", "1", "yes" -> true;
      case "false", "0", "no" -> false;
      default -> throw new IllegalArgumentException("\"" + cell + "\" (expected: true or false)");
    };
  }

  /// The cell of a document; empty where it has nothing.
  ///
  /// @throws IllegalArgumentException for a tag that no cell can hold
  default String cell(Document document) {
    return switch (this) {
      case Nothing() -> "";
      case Tag(var name, var _) ->
          document.tag(name).map(value -> show(document, name, value)).orElse("");
      case Field(var name) ->
          switch (name) {
            case "id" -> document.id();
            case "text" -> document.text();
            case "uri" -> document.uri();
            case "mime_type" -> document.mimeType();
            case "modality" -> document.modality();
            case "parent_id" -> document.parentId();
            case "weight" -> document.weight() == 0 ? "" : Float.toString(document.weight());
            case "offset" -> document.offset() == 0 ? "" : Float.toString(document.offset());
            default -> throw new IllegalStateException(name);
          };
    };
  }

  private static String show(Document document, String tag, Value value) {
    return switch (value.getKindCase()) {
      case STRING_VALUE -> value.getStringValue();
      case NUMBER_VALUE -> {
        double number = value.getNumberValue();
        boolean isWhole = number == Math.rint(number) && Math.abs(number) < 0x1p53;
        yield isWhole ? Long.toString((long) number) : Double.toString(number);
      }
      case BOOL_VALUE -> Boolean.toString(value.getBoolValue());
      case NULL_VALUE, KIND_NOT_SET -> "";
      case LIST_VALUE, STRUCT_VALUE ->
          throw new IllegalArgumentException(
              "document %s: tag %s, which is nested (expected: a text, number or boolean in a cell)"
                  .formatted(document.id(), tag));
    };
  }
}
