package io.attune.document.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.document.Document;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SearchPatternTest {
  @ParameterizedTest
  @CsvSource({
    "(?P<x>a)(?P=x)0, aa0, true",
    "(?P<x_1>a)b, ab, true",
    "a(?#nothing)b, ab, true",
    "'a{,2}b', b, true",
    "'^a{,2}b', aaab, false",
    "a{b, a{b, true",
    "a{}, a{}, true",
    "[[]x, '[x', true",
    "[]]x, ']x', true",
    "[a&&b]x, &x, true",
    "^\\w+$, Äß, true",
    "(?i)ÄPFEL, äpfel, true",
    "\\x41, A, true",
    "\\u00e4, ä, true",
    "\\0, '\0', true",
    "x\\Z, x, true"
  })
  void searchesAsPython(String regex, String text, boolean found) {
    assertThat(SearchPattern.of(regex).isFoundIn(text)).isEqualTo(found);
  }

  @Test
  void anEndAllowsOneNewlineOnlyWithADollar() {
    assertThat(SearchPattern.of("x$").isFoundIn("x\n")).isTrue();
    assertThat(SearchPattern.of("x\\Z").isFoundIn("x\n")).isFalse();
    assertThat(SearchPattern.of("x$").isFoundIn("x\r\n")).isFalse();
    assertThat(SearchPattern.of("a.b").isFoundIn("a\rb")).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "(", "a)", "[a", "*", "a\\", "\\Qa\\E", "(?P<x>a", "(?P=x)", "(?#x", "[z-a]", "\\p"
      })
  void refusesABrokenExpression(String regex) {
    assertThatThrownBy(() -> Query.parse(Queries.struct("text", "$regex", Values.of(regex))))
        .isInstanceOf(QueryException.class)
        .hasMessageStartingWith("text.$regex: \"" + regex + "\" (expected: a regular expression: ");
  }

  @Test
  void refusesALongExpression() {
    assertThatThrownBy(() -> SearchPattern.of("a".repeat(1_001)))
        .hasMessage("regex: 1001 characters (expected: at most 1000 characters)");
  }

  @ParameterizedTest
  @ValueSource(strings = {"(.*a){20}$", "(a+)+\\1$", "((a+)+)+$", "(\\w+\\s?)*\\1$"})
  void givesUpOnABacktrackingBomb(String regex) {
    Query query = Query.parse(Queries.struct("text", "$regex", Values.of(regex)));
    Document document = Document.ofText("a".repeat(60) + "!");

    assertThatThrownBy(() -> query.matches(document))
        .isInstanceOf(QueryException.class)
        .hasMessage(
            "$regex: \""
                + regex
                + "\" takes too long on a text of 61 characters (expected: an expression without"
                + " nested repetition)");
  }

  @Test
  void givesUpInsteadOfOverflowingTheStack() {
    SearchPattern pattern = SearchPattern.of("^(a|b)*c");

    assertThatThrownBy(() -> pattern.isFoundIn("ab".repeat(100_000)))
        .isInstanceOf(QueryException.class);
  }

  @Test
  void searchesALongText() {
    assertThat(SearchPattern.of("needle").isFoundIn("hay ".repeat(100_000) + "needle")).isTrue();
  }
}
