package io.attune.document.file;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A CSV file: RFC 4180 in UTF-8, with any delimiter; a document in each row.
///
/// A column fills the document's field of its name (`id, text, uri, mime_type, modality, parent_id,
/// weight, offset`); a column named `tags__x` (docarray writes `tag__x`), or any other name, the
/// tag of that name, as text. A mapping says otherwise: to `text`, `tags__price:number`,
/// `tags__sold:boolean`, or `-` for a column to leave out. An empty cell is unset; every row has as
/// many cells as there are columns; empty lines are skipped.
///
/// What is written is one column for each field and tag of the first document, or the columns that
/// are told. Without told columns a document that would lose something is refused.
///
/// @param delimiter one character or more, such as `;` or a tab
/// @param quote around cells that hold a delimiter, a quote or a line break; two of them stand for
///   one; a visible ASCII character
/// @param header whether the first row names the columns
/// @param columns the names of the columns: to be read without a header, expected in the header, or
///   to be written; empty for those of the header or of the first document written
/// @param mapping from column names to what they fill
public record CsvFormat(
    String delimiter, char quote, boolean header, List<String> columns, Map<String, String> mapping)
    implements DocumentFormat {
  public CsvFormat {
    columns = List.copyOf(columns);
    mapping = Map.copyOf(mapping);
    if (!delimiter.matches("[^\r\n\uFEFF]{1,16}") || delimiter.indexOf(quote) >= 0) {
      throw new IllegalArgumentException(
          "delimiter: \""
              + delimiter
              + "\" (expected: 1..16 characters other than quote and line break)");
    }
    if (quote <= ' ' || quote >= 0x7F) {
      throw new IllegalArgumentException(
          "quote: \"" + quote + "\" (expected: a visible ASCII character)");
    }
    if (!header && columns.isEmpty()) {
      throw new IllegalArgumentException("columns: none (expected: names, as there is no header)");
    }
    mapping.forEach((column, target) -> CsvTarget.parse(column, target));
  }

  /// Commas, double quotes, a header.
  public static CsvFormat standard() {
    return new CsvFormat(",", '"', true, List.of(), Map.of());
  }

  /// With another delimiter.
  public CsvFormat delimiter(String delimiter) {
    return new CsvFormat(delimiter, quote, header, columns, mapping);
  }

  /// With another quote.
  public CsvFormat quote(char quote) {
    return new CsvFormat(delimiter, quote, header, columns, mapping);
  }

  /// With a header, and exactly these columns.
  public CsvFormat columns(String... columns) {
    return new CsvFormat(delimiter, quote, header, List.of(columns), mapping);
  }

  /// Without a header.
  ///
  /// @param columns the names of the columns in their order
  public CsvFormat withoutHeader(String... columns) {
    return new CsvFormat(delimiter, quote, false, List.of(columns), mapping);
  }

  /// With a column that fills something else than its name says.
  public CsvFormat map(String column, String target) {
    Map<String, String> more = new LinkedHashMap<>(mapping);
    more.put(column, target);
    return new CsvFormat(delimiter, quote, header, columns, more);
  }

  /// What columns fill, in their order.
  ///
  /// @throws IllegalArgumentException for a column that fills what no cell can or another does, and
  ///   for a mapping of a column that is not there
  List<CsvTarget> targets(List<String> columns) {
    for (String mapped : mapping.keySet()) {
      if (!columns.contains(mapped)) {
        throw new IllegalArgumentException(
            "mapping of column \"%s\": no such column (expected: one of %s)"
                .formatted(mapped, String.join(", ", columns)));
      }
    }
    List<CsvTarget> targets = new ArrayList<>();
    Map<String, String> taken = new HashMap<>();
    for (String column : columns) {
      String mapped = mapping.get(column);
      CsvTarget target =
          mapped == null ? CsvTarget.ofColumn(column) : CsvTarget.parse(column, mapped);
      String other = target instanceof CsvTarget.Nothing ? null : taken.put(target.name(), column);
      if (other != null) {
        throw new IllegalArgumentException(
            "column \"%s\": fills %s, as \"%s\" does (expected: something else)"
                .formatted(column, target.name(), other));
      }
      targets.add(target);
    }
    return targets;
  }
}
