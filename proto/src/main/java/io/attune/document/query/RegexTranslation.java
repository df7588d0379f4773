package io.attune.document.query;

import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/// Turns a regular expression of Python into one of Java where the two differ: named groups,
/// comments, `\Z`, `{,n}`, a literal brace, and brackets, ampersands and backspaces in classes.
final class RegexTranslation {
  private static final String LETTER_ESCAPES = "AbBdDsSwWZafnrtvxuN";
  private static final Pattern QUANTIFIER = Pattern.compile("\\{(\\d*)(,?)(\\d*)}");

  private final String regex;
  private final StringBuilder out = new StringBuilder();
  private final Map<String, Integer> groups = new HashMap<>();
  private int groupCount;
  private int at;

  RegexTranslation(String regex) {
    this.regex = regex;
  }

  String translate() {
    while (at < regex.length()) {
      char c = regex.charAt(at);
      switch (c) {
        case '\\' -> escape(false);
        case '[' -> charClass();
        case '(' -> group();
        case '{' -> brace();
        default -> {
          out.append(c);
          at++;
        }
      }
    }
    return out.toString();
  }

  private void escape(boolean inClass) {
    if (at + 1 >= regex.length()) {
      throw new PatternSyntaxException("a backslash at the end", regex, at);
    }
    char c = regex.charAt(at + 1);
    boolean isLetter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (isLetter && LETTER_ESCAPES.indexOf(c) < 0) {
      throw new PatternSyntaxException("unknown escape \\" + c, regex, at);
    }
    at += 2;
    if (c == 'Z' && !inClass) {
      out.append("\\z");
    } else if (c == 'v') {
      out.append("\\x0B");
    } else if (c == 'b' && inClass) {
      out.append("\\x08");
    } else if (c == '0') {
      octal();
    } else {
      out.append('\\').append(c);
    }
  }

  private void octal() {
    int value = 0;
    for (int digits = 0; digits < 2 && at < regex.length() && isOctal(regex.charAt(at)); digits++) {
      value = value * 8 + regex.charAt(at) - '0';
      at++;
    }
    out.append("\\x{").append(Integer.toHexString(value)).append('}');
  }

  private static boolean isOctal(char c) {
    return c >= '0' && c <= '7';
  }

  private void charClass() {
    out.append('[');
    at++;
    if (at < regex.length() && regex.charAt(at) == '^') {
      out.append('^');
      at++;
    }
    for (boolean first = true; at < regex.length(); first = false) {
      char c = regex.charAt(at);
      if (c == ']' && !first) {
        out.append(']');
        at++;
        return;
      }
      if (c == '\\') {
        escape(true);
      } else {
        if ("[]&".indexOf(c) >= 0) {
          out.append('\\');
        }
        out.append(c);
        at++;
      }
    }
    throw new PatternSyntaxException("a class that does not end", regex, at);
  }

  private void group() {
    if (regex.startsWith("(?P<", at)) {
      groups.put(name(at + 4, '>'), ++groupCount);
      out.append('(');
    } else if (regex.startsWith("(?P=", at)) {
      String name = name(at + 4, ')');
      Integer number = groups.get(name);
      if (number == null) {
        throw new PatternSyntaxException("unknown group " + name, regex, at);
      }
      out.append("(?:\\").append(number).append(')');
    } else if (regex.startsWith("(?#", at)) {
      name(at + 3, ')');
    } else {
      if (!regex.startsWith("(?", at)) {
        groupCount++;
      }
      out.append('(');
      at++;
    }
  }

  /// What stands between a position and an end character, which is stepped over.
  private String name(int start, char end) {
    int stop = regex.indexOf(end, start);
    if (stop < 0) {
      throw new PatternSyntaxException("a group that does not end", regex, at);
    }
    at = stop + 1;
    return regex.substring(start, stop);
  }

  private void brace() {
    Matcher matcher = QUANTIFIER.matcher(regex).region(at, regex.length());
    if (!matcher.lookingAt() || (matcher.group(1).isEmpty() && matcher.group(2).isEmpty())) {
      out.append("\\{");
      at++;
      return;
    }
    String from = matcher.group(1).isEmpty() ? "0" : matcher.group(1);
    out.append('{').append(from).append(matcher.group(2)).append(matcher.group(3)).append('}');
    at = matcher.end();
  }
}
