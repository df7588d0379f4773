package io.attune.document.file;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// The rows of a CSV file in UTF-8: RFC 4180, read as Python's `csv.reader(strict=True)` reads it.
///
/// A row ends with a line feed, a carriage return or both; inside of quotes all of them are text. A
/// quote inside of a cell that does not start with one is text. Only one row is in memory, and one
/// that does not end is refused before it fills it: a library does not give that, nor the line of
/// the quote that was never closed.
final class CsvRows {
  static final int MAX_ROW_BYTES = 16 << 20;
  static final int MAX_CELLS = 10_000;

  private static final int END = 256; // no byte

  private final Source source;
  private final byte[] delimiter;
  private final byte quote;
  private final int maxRowBytes;
  private final byte[] buffer = new byte[1 << 16];
  private int at;
  private int filled;
  private boolean started;

  private byte[] row = new byte[1 << 10];
  private int length;
  private int[] ends = new int[16];
  private int cells;

  private long line = 1;
  private long rowLine;
  private boolean afterReturn;

  CsvRows(Source source, String delimiter, char quote, int maxRowBytes) {
    this.source = source;
    this.delimiter = delimiter.getBytes(StandardCharsets.UTF_8);
    this.quote = (byte) quote;
    this.maxRowBytes = maxRowBytes;
  }

  /// Goes to the next row that is not an empty line; false at the end.
  boolean advance() throws IOException {
    if (!started) {
      started = true;
      skipByteOrderMark();
    }
    int first = next();
    while (first == '\n' || first == '\r') {
      first = next();
    }
    rowLine = line;
    length = 0;
    cells = 0;
    if (first == END) {
      return false;
    }
    boolean more = true;
    while (more) {
      more = first == quote ? quotedCell() : plainCell(first);
      endCell();
      first = more ? next() : END;
    }
    return true;
  }

  /// Reads a cell that starts with a byte; whether another follows in the row.
  private boolean plainCell(int first) throws IOException {
    int start = length;
    int b = first;
    while (b != END && b != '\n' && b != '\r') {
      append(b);
      if (endsWithDelimiter(start)) {
        length -= delimiter.length;
        return true;
      }
      b = next();
    }
    return false;
  }

  private boolean endsWithDelimiter(int start) {
    int from = length - delimiter.length;
    return row[length - 1] == delimiter[delimiter.length - 1]
        && from >= start
        && Arrays.equals(row, from, length, delimiter, 0, delimiter.length);
  }

  /// Reads a cell behind its first quote; whether another follows in the row.
  private boolean quotedCell() throws IOException {
    long openLine = line;
    while (true) {
      int b = next();
      if (b == END) {
        throw FileFormatException.atLine(source.name(), openLine, "a quote that is never closed");
      }
      if (b != quote) {
        append(b);
      } else if (peek() == quote) {
        append(next());
      } else {
        return afterQuote();
      }
    }
  }

  private boolean afterQuote() throws IOException {
    int b = next();
    if (b == END || b == '\n' || b == '\r') {
      return false;
    }
    for (int i = 0; i < delimiter.length; i++) {
      if (b != delimiter[i]) {
        throw error(
            "text behind the quote that closes cell "
                + (cells + 1)
                + " (expected: a delimiter, or two quotes for one)");
      }
      b = i < delimiter.length - 1 ? next() : b;
    }
    return true;
  }

  private void append(int b) {
    if (length == maxRowBytes) {
      throw error("a row of more than " + maxRowBytes + " bytes (a quote that is not closed?)");
    }
    if (length == row.length) {
      row = Arrays.copyOf(row, Math.min(maxRowBytes, row.length * 2));
    }
    row[length++] = (byte) b;
  }

  private void endCell() {
    if (cells == MAX_CELLS) {
      throw error("a row of more than " + MAX_CELLS + " cells");
    }
    if (cells == ends.length) {
      ends = Arrays.copyOf(ends, cells * 2);
    }
    ends[cells++] = length;
  }

  /// The next byte, as a signed number. A line feed behind a carriage return is no line of its own;
  /// outside of quotes the two make an empty line, which is skipped.
  private int next() throws IOException {
    int b = peek();
    if (b == END) {
      return END;
    }
    at++;
    if (b == '\r' || (b == '\n' && !afterReturn)) {
      line++;
    }
    afterReturn = b == '\r';
    return b;
  }

  private int peek() throws IOException {
    if (at == filled) {
      at = 0;
      filled = Math.max(0, source.read(buffer, 0, buffer.length));
    }
    return at < filled ? buffer[at] : END;
  }

  private void skipByteOrderMark() throws IOException {
    while (filled < 3) {
      int count = source.read(buffer, filled, buffer.length - filled);
      if (count < 0) {
        return;
      }
      filled += count;
    }
    if (buffer[0] == (byte) 0xEF && buffer[1] == (byte) 0xBB && buffer[2] == (byte) 0xBF) {
      at = 3;
    }
  }

  private FileFormatException error(String problem) {
    return FileFormatException.atLine(source.name(), rowLine, problem);
  }

  /// The number of cells in the row.
  int size() {
    return cells;
  }

  /// A cell of the row, counted from 0.
  ///
  /// @throws FileFormatException for one that is no UTF-8
  String cell(int index) {
    int start = index == 0 ? 0 : ends[index - 1];
    ByteString bytes = UnsafeByteOperations.unsafeWrap(row, start, ends[index] - start);
    if (!bytes.isValidUtf8()) {
      throw error("bytes in cell " + (index + 1) + " that are no UTF-8");
    }
    return bytes.toStringUtf8();
  }

  /// The line on which the row starts, from 1.
  long line() {
    return rowLine;
  }
}
