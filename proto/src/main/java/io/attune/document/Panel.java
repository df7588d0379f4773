package io.attune.document;

import java.util.Collections;
import java.util.List;

/// A table in a box with a title, as Python's rich draws it. All text is plain ASCII.
final class Panel {
  private Panel() {}

  /// @param header empty for a table without
  static String of(String title, List<String> header, List<List<String>> rows) {
    int columns = rows.getFirst().size();
    int[] widths = new int[columns];
    for (int column = 0; column < columns; column++) {
      widths[column] = header.isEmpty() ? 0 : header.get(column).length();
      for (List<String> row : rows) {
        widths[column] = Math.max(widths[column], row.get(column).length());
      }
    }
    int inner = 1;
    for (int width : widths) {
      inner += width + 3;
    }
    StringBuilder out = new StringBuilder();
    out.append("╭─").append(centred(" " + title + " ", inner)).append("─╮\n");
    line(out, " ".repeat(inner));
    if (!header.isEmpty()) {
      line(out, cells(header, widths));
      line(out, " " + "─".repeat(inner - 2) + " ");
    }
    for (List<String> row : rows) {
      line(out, cells(row, widths));
    }
    line(out, " ".repeat(inner));
    return out.append("╰").append("─".repeat(inner + 2)).append("╯\n").toString();
  }

  private static void line(StringBuilder out, String content) {
    out.append("│ ").append(content).append(" │\n");
  }

  private static String cells(List<String> row, int[] widths) {
    StringBuilder out = new StringBuilder("  ");
    for (int column = 0; column < widths.length; column++) {
      String cell = row.get(column);
      out.append(cell).append(" ".repeat(widths[column] - cell.length()));
      out.append(column < widths.length - 1 ? "   " : "  ");
    }
    return out.toString();
  }

  private static String centred(String text, int width) {
    int left = (width - text.length()) / 2;
    return String.join("", Collections.nCopies(left, "─"))
        + text
        + String.join("", Collections.nCopies(width - text.length() - left, "─"));
  }
}
