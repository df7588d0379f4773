package io.attune.document.file;

import io.attune.document.Document;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Writes a row for each document, and a header in front of the first.
final class CsvWriter implements DocumentWriter {
  private final OutputStream out;
  private final CsvFormat format;
  private @Nullable List<CsvTarget> targets;
  private Set<String> derived = Set.of();

  CsvWriter(OutputStream out, CsvFormat format) throws IOException {
    this.out = out;
    this.format = format;
    if (!format.columns().isEmpty()) {
      start(format.columns());
    }
  }

  private List<CsvTarget> start(List<String> columns) throws IOException {
    List<CsvTarget> result = format.targets(columns);
    targets = result;
    if (format.header()) {
      writeRow(columns);
    }
    return result;
  }

  @Override
  public void write(Document document) throws IOException {
    List<CsvTarget> columns = targets;
    if (columns == null) {
      Set<String> names = columnsOf(document);
      names.add("id");
      columns = start(List.copyOf(names));
      derived = names;
    } else if (!derived.isEmpty()) {
      checkColumns(document);
    }
    List<String> cells = new ArrayList<>(columns.size());
    for (CsvTarget target : columns) {
      cells.add(target.cell(document));
    }
    writeRow(cells);
  }

  /// The columns that hold all of a document.
  private static Set<String> columnsOf(Document document) {
    Set<String> columns = new LinkedHashSet<>();
    List<String> set = document.setFields();
    for (String field : CsvTarget.FIELDS) {
      if (set.contains(field)) {
        columns.add(field);
      }
    }
    for (String field : set) {
      if (!columns.contains(field) && !field.equals("tags")) {
        throw new IllegalArgumentException(
            "document %s: %s, which no column holds (expected: columns that are told)"
                .formatted(document.id(), field));
      }
    }
    for (String tag : new TreeSet<>(document.tags().getFieldsMap().keySet())) {
      columns.add("tags__" + tag);
    }
    return columns;
  }

  private void checkColumns(Document document) {
    for (String column : columnsOf(document)) {
      if (!derived.contains(column)) {
        throw new IllegalArgumentException(
            "document %s: %s, which the first document lacks (expected: columns that are told)"
                .formatted(document.id(), column));
      }
    }
  }

  private void writeRow(List<String> cells) throws IOException {
    StringBuilder row = new StringBuilder();
    for (int i = 0; i < cells.size(); i++) {
      if (i > 0) {
        row.append(format.delimiter());
      }
      appendCell(row, cells.get(i), cells.size() == 1);
    }
    out.write(row.append("\r\n").toString().getBytes(StandardCharsets.UTF_8));
  }

  /// Quoted where it must be: also an only cell that is empty, which would be an empty line, and
  /// one that could be taken for a byte-order mark.
  private void appendCell(StringBuilder row, String cell, boolean isOnly) {
    char quote = format.quote();
    boolean quoted =
        cell.isEmpty()
            ? isOnly
            : cell.indexOf('\r') >= 0
                || cell.indexOf('\n') >= 0
                || cell.indexOf(quote) >= 0
                || cell.charAt(0) == '\uFEFF'
                || mayMeetDelimiter(cell);
    if (!quoted) {
      row.append(cell);
      return;
    }
    String twice = String.valueOf(quote).repeat(2);
    row.append(quote).append(cell.replace(String.valueOf(quote), twice)).append(quote);
  }

  /// Whether a delimiter is in a cell, or could be found too early because the cell ends as the
  /// delimiter starts.
  private boolean mayMeetDelimiter(String cell) {
    String delimiter = format.delimiter();
    if (cell.contains(delimiter)) {
      return true;
    }
    for (int length = 1; length < delimiter.length(); length++) {
      if (cell.endsWith(delimiter.substring(0, length))) {
        return true;
      }
    }
    return false;
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
