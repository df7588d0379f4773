package io.attune.cli;

import java.util.regex.Pattern;

/// Text of documents, and messages that quote it, as a terminal may be given it.
public final class Excerpt {
  /// What a terminal would obey: control characters of ASCII and of Latin-1 (U+009B begins a
  /// command as ESC `[` does), and what turns the direction of the text around it.
  private static final Pattern OBEYED =
      Pattern.compile("[\\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]");

  private static final Pattern OBEYED_IN_LINES =
      Pattern.compile("[\\p{Cc}\u202a-\u202e\u2066-\u2069&&[^\n\t]]");

  private Excerpt() {}

  /// A message of one or more lines, in which `·` stands for each character that a terminal would
  /// obey.
  public static String harmless(String message) {
    return OBEYED_IN_LINES.matcher(message).replaceAll("·");
  }

  /// The text on one line, cut to a number of characters. Control characters, which a terminal
  /// would obey, become `·`.
  ///
  /// @param characters the greatest length, 2 or more; a cut text ends in `…`
  public static String of(String text, int characters) {
    String head = text.length() > 8 * characters ? text.substring(0, 8 * characters) : text;
    String line = head.replaceAll("\\s+", " ").strip();
    line = OBEYED.matcher(line).replaceAll("·");
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
