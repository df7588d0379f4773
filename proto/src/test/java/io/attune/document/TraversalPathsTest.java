package io.attune.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class TraversalPathsTest {
  static Stream<String> goldenPaths() {
    return Golden.text("traverse.txt").lines();
  }

  @ParameterizedTest
  @MethodSource("goldenPaths")
  void leadsWhereDocarrayLeads(String golden) {
    String path = golden.substring(0, golden.indexOf('\t'));
    String expected = golden.substring(golden.indexOf('\t') + 1);

    DocumentArray tree = Golden.array("tree.bin");

    assertThat(tree.traverse(path).stream().map(each -> ids(each)).collect(Collectors.joining("|")))
        .isEqualTo(expected);
    assertThat(ids(tree.traverseFlat(path)))
        .isEqualTo(
            Stream.of(expected.split("\\|"))
                .filter(each -> !each.isEmpty())
                .collect(Collectors.joining(",")));
  }

  private static String ids(DocumentArray documents) {
    return documents.stream().map(Document::id).collect(Collectors.joining(","));
  }

  @Test
  void givesTheDocumentsThemselves() {
    Document root = Document.create().chunks(DocumentArray.of(Document.ofText("a")));

    DocumentArray.of(root).traverseFlat("@c").getFirst().text("b");

    assertThat(root.toProto().getChunks(0).getText()).isEqualTo("b");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          ''           | the end at 0 (expected: r, c or m)
          @            | the end at 1 (expected: r, c or m)
          @x           | "x" at 1 (expected: r, c or m)
          @r,          | the end at 3 (expected: r, c or m)
          @r,,c        | "," at 3 (expected: r, c or m)
          @rx          | "x" at 2 (expected: r, c or m)
          @@r          | "@" at 1 (expected: r, c or m)
          @r[          | the end at 3 (expected: a slice such as [0:10])
          @r[]         | "]" at 3 (expected: a slice such as [0:10])
          @r[1         | the end at 4 (expected: a slice such as [0:10])
          @r[a]        | "a" at 3 (expected: a slice such as [0:10])
          @r[1:2:3:4]  | "1:2:3:4" at 2 (expected: start:stop:step)
          @c[-1]       | "-1" at 2 (expected: an index from 0, or a slice such as [-1:])
          @c[::0]      | "::0" at 2 (expected: a step that is not 0)
          @c[1-2]      | "1-2" at 2 (expected: whole numbers below 2^31 - 1)
          @c[99999999999] | "99999999999" at 2 (expected: whole numbers below 2^31 - 1)
          @.[image]    | "." at 1 (expected: r, c or m; attributes of data classes are not read)
          """)
  void refusesWhatIsNoPathWithThePosition(String path, String message) {
    assertThatThrownBy(() -> DocumentArray.of().traverse(path))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("traversal path \"" + path + "\": " + message);
  }

  @Test
  void refusesALongPath() {
    assertThatThrownBy(() -> TraversalPaths.parse("c".repeat(1_001)))
        .hasMessage("traversal path: 1001 characters (expected: at most 1000)");
  }
}
