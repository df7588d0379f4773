package io.attune.document.query;

/// A query that cannot be read, or whose evaluation was given up.
public final class QueryException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  QueryException(String message) {
    super(message);
  }

  /// For a value at a place of the query: `$and[1].weight.$gt: null (expected: a number)`.
  static QueryException at(String place, String was, String expected) {
    return new QueryException(cut(place) + ": " + cut(was) + " (expected: " + expected + ")");
  }

  /// Names and values may be of any length; a regular expression is shown in full.
  private static String cut(String text) {
    int most = SearchPattern.MAX_LENGTH + 100;
    return text.length() <= most ? text : text.substring(0, most) + "…";
  }
}
