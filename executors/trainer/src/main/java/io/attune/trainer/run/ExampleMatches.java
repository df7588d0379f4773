package io.attune.trainer.run;

import java.util.List;

/// What a query found: an example for people.
///
/// @param query the query's text, or its id where it has none
/// @param matches what it retrieved, the nearest first
public record ExampleMatches(String query, List<Match> matches) {
  public ExampleMatches {
    matches = List.copyOf(matches);
  }

  /// A document that was found.
  ///
  /// @param text of the document, or its id where it has none
  /// @param relevant whether it belongs to the query
  public record Match(String text, boolean relevant) {}
}
