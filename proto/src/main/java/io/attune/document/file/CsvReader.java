package io.attune.document.file;

import io.attune.document.Document;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads a document from each row; the position in a message is the line on which the row starts.
final class CsvReader extends DocumentReader {
  private final String name;
  private final CsvFormat format;
  private final CsvRows rows;
  private @Nullable List<CsvTarget> targets;
  private List<String> columns = List.of();

  CsvReader(Source source, CsvFormat format, int maxRowBytes) {
    super(source);
    this.name = source.name();
    this.format = format;
    this.rows = new CsvRows(source, format.delimiter(), format.quote(), maxRowBytes);
  }

  @Override
  @Nullable Document read() throws IOException {
    if (targets == null) {
      targets = start(format.header() ? header() : format.columns());
    }
    return rows.advance() ? document(targets) : null;
  }

  private List<String> header() throws IOException {
    if (!rows.advance()) {
      throw FileFormatException.atLine(name, 1, "empty (expected: a header)");
    }
    List<String> names = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < rows.size(); i++) {
      String column = rows.cell(i).strip();
      names.add(column);
      if (!seen.add(column)) {
        throw error("header: column \"" + column + "\" twice (expected: names that differ)");
      }
      if (column.isEmpty() && !format.mapping().containsKey(column)) {
        throw error(
            "header: column %d without a name (expected: a name, or a mapping of \"\" such as -)"
                .formatted(i + 1));
      }
    }
    if (!format.columns().isEmpty() && !format.columns().equals(names)) {
      throw error(
          "header: columns %s (expected: %s)"
              .formatted(String.join(", ", names), String.join(", ", format.columns())));
    }
    return names;
  }

  private List<CsvTarget> start(List<String> names) {
    columns = names;
    try {
      return format.targets(names);
    } catch (IllegalArgumentException e) {
      throw FileFormatException.atLine(name, 1, String.valueOf(e.getMessage()), e);
    }
  }

  private Document document(List<CsvTarget> fills) {
    if (rows.size() != fills.size()) {
      throw error(
          "%d cells (expected: %d: %s)"
              .formatted(rows.size(), fills.size(), String.join(", ", columns)));
    }
    Document document = Document.create();
    for (int i = 0; i < fills.size(); i++) {
      String cell = rows.cell(i);
      if (!cell.isEmpty()) {
        fill(document, fills.get(i), columns.get(i), cell);
      }
    }
    return document;
  }

  private void fill(Document document, CsvTarget target, String column, String cell) {
    try {
      target.fill(document, cell);
    } catch (IllegalArgumentException e) {
      throw FileFormatException.atLine(name, rows.line(), column + ": " + e.getMessage(), e);
    }
  }

  private FileFormatException error(String problem) {
    return FileFormatException.atLine(name, rows.line(), problem);
  }

  @Override
  long start() {
    return rows.line();
  }

  @Override
  String place(long start) {
    return FileFormatException.line(name, start);
  }
}
