package io.attune.document.file;

import org.jspecify.annotations.Nullable;

/// A file that does not hold what its format says, or ends before it should. The message starts
/// with the file's name and the position: `news.csv:17: …` for a line, counted from 1, or
/// `docs.bin, byte 1033: …` for an offset, counted from 0.
public final class FileFormatException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  private static final int MAX_LENGTH = 1_000;

  private FileFormatException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  static String line(String file, long line) {
    return file + ":" + line;
  }

  static String offset(String file, long offset) {
    return file + ", byte " + offset;
  }

  static FileFormatException atLine(String file, long line, String problem) {
    return atLine(file, line, problem, null);
  }

  static FileFormatException atLine(
      String file, long line, String problem, @Nullable Throwable cause) {
    return new FileFormatException(line(file, line) + ": " + cut(problem), cause);
  }

  static FileFormatException atByte(String file, long offset, String problem) {
    return atByte(file, offset, problem, null);
  }

  static FileFormatException atByte(
      String file, long offset, String problem, @Nullable Throwable cause) {
    return new FileFormatException(offset(file, offset) + ": " + cut(problem), cause);
  }

  /// A problem quotes from the file, which may hold anything of any length.
  private static String cut(String problem) {
    return problem.length() <= MAX_LENGTH ? problem : problem.substring(0, MAX_LENGTH) + "…";
  }
}
