package io.attune.trainer.data;

import java.util.ArrayList;
import java.util.List;

/// What separates the cells of a CSV file.
final class Dialect {
  private static final int SNIFFED_CHARACTERS = 1024;
  private static final List<String> CANDIDATES = List.of(",", "\t", ";", "|");

  private Dialect() {}

  static void requireKnown(String dialect) {
    boolean named = List.of("auto", "excel", "excel-tab", "unix").contains(dialect);
    if (!named && (dialect.length() != 1 || "\r\n\"".contains(dialect))) {
      throw DataErrors.invalid(
          "dialect: \"%s\" (expected: auto, excel, excel-tab, unix or one delimiter)"
              .formatted(dialect));
    }
  }

  /// The delimiter of a dialect.
  ///
  /// @param start what the file starts with
  static String delimiter(String dialect, String start) {
    return switch (dialect) {
      case "auto" -> sniffed(start);
      case "excel", "unix" -> ",";
      case "excel-tab" -> "\t";
      default -> dialect;
    };
  }

  /// The first candidate that cuts every whole row of the file's start into as many cells, two or
  /// more; a comma, as `excel` has, where none does.
  private static String sniffed(String start) {
    String sample = start.substring(0, Math.min(start.length(), SNIFFED_CHARACTERS));
    for (String candidate : CANDIDATES) {
      List<List<String>> rows = rows(sample, candidate.charAt(0));
      int width = rows.isEmpty() ? 0 : rows.getFirst().size();
      if (width >= 2 && rows.stream().allMatch(row -> row.size() == width)) {
        return candidate;
      }
    }
    return ",";
  }

  /// The whole rows of a text, and the last where it is the only one; empty lines are none.
  static List<List<String>> rows(String text, char delimiter) {
    List<List<String>> rows = new ArrayList<>();
    List<String> row = new ArrayList<>();
    StringBuilder cell = new StringBuilder();
    boolean quoted = false;
    boolean started = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (quoted) {
        if (c != '"') {
          cell.append(c);
        } else if (i + 1 < text.length() && text.charAt(i + 1) == '"') {
          cell.append(c);
          i++;
        } else {
          quoted = false;
        }
      } else if (c == '"' && cell.isEmpty()) {
        quoted = true;
        started = true;
      } else if (c == delimiter) {
        row.add(cell.toString());
        cell.setLength(0);
        started = true;
      } else if (c == '\n' || c == '\r') {
        if (started) {
          row.add(cell.toString());
          rows.add(row);
        }
        row = new ArrayList<>();
        cell.setLength(0);
        started = false;
      } else {
        cell.append(c);
        started = true;
      }
    }
    if (started && rows.isEmpty()) {
      row.add(cell.toString());
      rows.add(row);
    }
    return rows;
  }
}
