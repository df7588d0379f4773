package io.attune.document.file;

import java.io.IOException;
import java.util.Arrays;

/// The lines of a stream as bytes in one buffer, which grows with the longest line. A line ends
/// with a line feed; a byte-order mark in front of the first is left out.
final class LineReader {
  private static final int CHUNK_BYTES = 1 << 16;
  private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

  private final Source source;
  private final int maxLineBytes;
  private byte[] buffer = new byte[CHUNK_BYTES];
  private int filled;
  private int start;
  private int end;
  private int next;
  private long number;
  private boolean atEnd;

  LineReader(Source source, int maxLineBytes) {
    this.source = source;
    this.maxLineBytes = maxLineBytes;
  }

  /// Goes to the next line; false at the end.
  boolean advance() throws IOException {
    start = next;
    int newline = find(start);
    while (newline < 0 && !atEnd) {
      checkLength(filled - start);
      int scanned = filled - start;
      fill();
      newline = find(start + scanned);
    }
    end = newline < 0 ? filled : newline;
    next = newline < 0 ? filled : newline + 1;
    boolean isLine = newline >= 0 || end > start;
    checkLength(end - start);
    number += isLine ? 1 : 0;
    if (number == 1 && startsWithMark()) {
      start += BYTE_ORDER_MARK.length;
    }
    return isLine;
  }

  private void checkLength(int length) {
    if (length > maxLineBytes) {
      throw FileFormatException.atLine(
          source.name(), number + 1, "a line of more than " + maxLineBytes + " bytes");
    }
  }

  private int find(int from) {
    for (int i = from; i < filled; i++) {
      if (buffer[i] == '\n') {
        return i;
      }
    }
    return -1;
  }

  /// Reads more behind the line that has started, which is moved to the front.
  private void fill() throws IOException {
    if (start > 0) {
      System.arraycopy(buffer, start, buffer, 0, filled - start);
      filled -= start;
      start = 0;
    }
    if (filled == buffer.length) {
      buffer = Arrays.copyOf(buffer, Math.min(buffer.length, maxLineBytes) * 2 + CHUNK_BYTES);
    }
    int count = source.read(buffer, filled, buffer.length - filled);
    if (count < 0) {
      atEnd = true;
    } else {
      filled += count;
    }
  }

  private boolean startsWithMark() {
    int length = BYTE_ORDER_MARK.length;
    return end - start >= length
        && Arrays.equals(buffer, start, start + length, BYTE_ORDER_MARK, 0, length);
  }

  /// Whether the line has nothing but blanks.
  boolean isBlank() {
    for (int i = start; i < end; i++) {
      if (buffer[i] != ' ' && buffer[i] != '\t' && buffer[i] != '\r') {
        return false;
      }
    }
    return true;
  }

  /// The buffer, which holds the line from [#start()] for [#length()] bytes.
  byte[] bytes() {
    return buffer;
  }

  int start() {
    return start;
  }

  int length() {
    return end - start;
  }

  /// The line's number, from 1.
  long number() {
    return number;
  }
}
