package io.attune.cli;

/// Text of documents as a line of a terminal.
public final class Excerpt {
  private Excerpt() {}

  /// The text on one line, cut to a number of characters. Control characters, which a terminal
  /// would obey, become `·`.
  ///
  /// @param characters the greatest length, 2 or more; a cut text ends in `…`
  public static String of(String text, int characters) {
    String head = text.length() > 8 * characters ? text.substring(0, 8 * characters) : text;
    String line = head.replaceAll("\\s+", " ").strip().replaceAll("\\p{Cntrl}", "·");
    if (line.length() <= characters && head.length() == text.length()) {
      return line;
    }
    int end = Math.min(line.length(), characters - 1);
    if (end > 0 && Character.isHighSurrogate(line.charAt(end - 1))) {
      end--;
    }
    return line.substring(0, end).stripTrailing() + "…";
  }
}
