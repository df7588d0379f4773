package io.attune.flows;

/// Something wrong, or without effect, at a place of a Flow's file.
///
/// @param file the file as the user named it
/// @param line the line, from 1; 0 where no line can be named
/// @param message what is wrong: `key: what it was (expected: what it must be)`
public record Problem(String file, int line, String message) {
  /// `file:line: message`.
  @Override
  public String toString() {
    return line > 0 ? "%s:%d: %s".formatted(file, line, message) : file + ": " + message;
  }
}
