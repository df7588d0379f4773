package io.attune.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// A table of text with columns as wide as they need to be; numbers stand at the right.
public final class TextTable {
  private final List<String[]> rows = new ArrayList<>();
  private final int columns;

  /// A table with a header.
  public TextTable(String... header) {
    columns = header.length;
    rows.add(header);
  }

  /// Adds a row.
  ///
  /// @throws IllegalArgumentException where it has another number of cells than the header
  public TextTable row(String... cells) {
    if (cells.length != columns) {
      throw new IllegalArgumentException(
          "cells: %d (expected: %d)".formatted(cells.length, columns));
    }
    rows.add(cells);
    return this;
  }

  /// The lines, the header underlined.
  public List<String> lines() {
    int[] widths = new int[columns];
    for (String[] row : rows) {
      for (int i = 0; i < columns; i++) {
        widths[i] = Math.max(widths[i], row[i].length());
      }
    }
    List<String> lines = new ArrayList<>();
    for (String[] row : rows) {
      lines.add(line(row, widths));
      if (lines.size() == 1) {
        lines.add("-".repeat(Arrays.stream(widths).sum() + 2 * (columns - 1)));
      }
    }
    return lines;
  }

  private static String line(String[] row, int[] widths) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < row.length; i++) {
      String padding = " ".repeat(widths[i] - row[i].length());
      boolean number = row[i].matches("[-+]?[\\d,.]+( ?%| ms|/s)?");
      line.append(i == 0 ? "" : "  ").append(number ? padding + row[i] : row[i] + padding);
    }
    return line.toString().stripTrailing();
  }
}
