package io.attune.document.query;

import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/// A regular expression in Python's syntax that is searched for in a text, in bounded time.
///
/// @param regex in Python's syntax
/// @param compiled the same in Java's
public record SearchPattern(String regex, Pattern compiled) {
  static final int MAX_LENGTH = 1_000;
  static final int MAX_STEPS = 5_000_000;

  /// Compiles an expression.
  ///
  /// @throws QueryException if it is malformed, or uses what Java's expressions lack
  public static SearchPattern of(String regex) {
    return of(regex, "regex");
  }

  static SearchPattern of(String regex, String place) {
    if (regex.length() > MAX_LENGTH) {
      throw QueryException.at(
          place, regex.length() + " characters", "at most " + MAX_LENGTH + " characters");
    }
    try {
      String translated = new RegexTranslation(regex).translate();
      return new SearchPattern(
          regex, Pattern.compile(translated, Pattern.UNIX_LINES | Pattern.UNICODE_CHARACTER_CLASS));
    } catch (PatternSyntaxException e) {
      throw QueryException.at(
          place, "\"" + regex + "\"", "a regular expression: " + e.getDescription());
    } catch (StackOverflowError _) {
      throw QueryException.at(place, "\"" + regex + "\"", "a less deeply nested expression");
    }
  }

  /// Whether it is found anywhere in a text.
  ///
  /// @throws QueryException if that takes too long, as some expressions do on some texts
  public boolean isFoundIn(String text) {
    try {
      return compiled.matcher(new MeteredText(text)).find();
    } catch (StackOverflowError _) {
      throw tooLong(text);
    }
  }

  private QueryException tooLong(String text) {
    return QueryException.at(
        "$regex",
        "\"" + regex + "\" takes too long on a text of " + text.length() + " characters",
        "an expression without nested repetition");
  }

  /// A text that ends the search after so many looks at its characters: a backtracking search does
  /// nothing for long without looking.
  private final class MeteredText implements CharSequence {
    private final String text;
    private int steps;

    MeteredText(String text) {
      this.text = text;
    }

    @Override
    public char charAt(int index) {
      if (++steps > MAX_STEPS) {
        throw tooLong(text);
      }
      return text.charAt(index);
    }

    @Override
    public int length() {
      return text.length();
    }

    @Override
    public CharSequence subSequence(int start, int end) {
      return text.subSequence(start, end);
    }

    @Override
    public String toString() {
      return text;
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SearchPattern that && regex.equals(that.regex);
  }

  @Override
  public int hashCode() {
    return regex.hashCode();
  }

  @Override
  public String toString() {
    return regex;
  }
}
