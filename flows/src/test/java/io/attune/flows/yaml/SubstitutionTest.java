package io.attune.flows.yaml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.flows.FlowProblemsException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SubstitutionTest {
  private static final Map<String, String> ENV =
      Map.of("PORT", "8080", "HOME_DIR", "/home/me", "EMPTY", "", "TRAP", "${{ ENV.PORT }} $PORT");
  private static final Map<String, String> CONTEXT =
      Map.of("name", "x", "flag", "True", "share", "0.5", "list", "[1, b, 2.5]", "quoted", "'7'");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "${{ ENV.PORT }}             | 8080",
        "${{ env.PORT }}             | 8080",
        "p-${{ ENV.PORT }}-q         | p-8080-q",
        "${{ CONTEXT.name }}         | x",
        "${{ context.name }}         | x",
        "${{ name }}                 | x",
        "${{ENV.PORT}}               | 8080",
        "$PORT/x                     | 8080/x",
        "${PORT}1                    | 80801",
        "$UNKNOWN/x                  | $UNKNOWN/x",
        "^a$                         | ^a$",
        "costs 5$                    | costs 5$",
      })
  void replacesVariables(String value, String expected) {
    assertThat(String.valueOf(substitute("a: '" + value + "'").get("a"))).isEqualTo(expected);
  }

  @Test
  void typesWhatItReplacedAndNothingElse() {
    Map<?, ?> values =
        substitute(
            """
            whole: ${{ ENV.PORT }}
            sum: ${{ ENV.PORT }}1
            text: port ${{ ENV.PORT }}
            truth: ${{ flag }}
            number: ${{ share }}
            list: ${{ list }}
            quoted: ${{ quoted }}
            empty: ${{ ENV.EMPTY }}
            untouched: '8080'
            """);

    assertThat(values.get("whole")).isEqualTo(8080L);
    assertThat(values.get("sum")).isEqualTo(80801L);
    assertThat(values.get("text")).isEqualTo("port 8080");
    assertThat(values.get("truth")).isEqualTo(true);
    assertThat(values.get("number")).isEqualTo(0.5);
    assertThat(values.get("list")).isEqualTo(List.of(1L, "b", 2.5));
    assertThat(values.get("quoted")).isEqualTo("7");
    assertThat(values.get("empty")).isNull();
    assertThat(values.get("untouched")).isEqualTo("8080");
  }

  @Test
  void doesNotReplaceInWhatItReplaced() {
    assertThatThrownBy(() -> substitute("a: ${{ ENV.TRAP }}"))
        .hasMessageContaining("f.yml:1: \"${{ ENV.PORT }} $PORT\": not resolved");
  }

  @Test
  void followsReferencesThreeDeep() {
    Map<?, ?> values =
        substitute(
            """
            port: ${{ ENV.PORT }}
            list: [{x: deep}, second]
            one: ${{root.port}}
            two: ${{this.one}}
            three: ${{root.two}}
            item: ${{root.list[0].x}}-${{root.list[1]}}
            nested:
              sibling: 5
              own: ${{this.sibling}}
              items: [first, "${{this[0]}}"]
            """);

    assertThat(values.get("one")).isEqualTo(8080L);
    assertThat(values.get("two")).isEqualTo(8080L);
    assertThat(values.get("three")).isEqualTo(8080L);
    assertThat(values.get("item")).isEqualTo("deep-second");
    assertThat(values.get("nested"))
        .isEqualTo(Map.of("sibling", 5L, "own", 5L, "items", Arrays.asList("first", "first")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a: ${{ ENV.GONE }}    | f.yml:1: ${{ ENV.GONE }}: not set (expected: an environment variable GONE)",
        "a: ${{ CONTEXT.no }}  | f.yml:1: ${{ CONTEXT.no }}: not given (expected: one of [flag, list, name, quoted, share])",
        "a: ${{ no }}          | f.yml:1: ${{ CONTEXT.no }}: not given",
        "a: ${{no}}            | f.yml:1: ${{no}}: not there (expected: root.… or this.…",
        "a: ${{root.b}}        | f.yml:1: ${{root.b}}: not there",
        "a: ${{root.a.b}}      | f.yml:1: ${{root.a.b}}: not there",
        "a: ${{root[0]}}       | f.yml:1: ${{root[0]}}: not there",
        "a: ${{root}}          | f.yml:1: ${{root}}: a mapping",
        "a: ${{root..}}        | f.yml:1: ${{root..}}: not there",
        "a: ${{root[99999999999]}} | f.yml:1: ${{root[99999999999]}}: not there",
        "a: ${{this.a}}        | f.yml:1: \"${{this.a}}\": not resolved",
        "a: ${{  ENV.PORT  }}  | f.yml:1: \"${{  ENV.PORT  }}\": not resolved",
        "a: ${{ ENV.PORT       | f.yml:1: \"${{ ENV.PORT\": not resolved",
      })
  void namesWhatIsMissing(String text, String message) {
    assertThatThrownBy(() -> substitute(text))
        .isInstanceOf(FlowProblemsException.class)
        .hasMessageStartingWith(message);
  }

  @Test
  void namesTheLine() {
    assertThatThrownBy(() -> substitute("a: 1\nb:\n  c: [1,\n    '${{ ENV.GONE }}']\n"))
        .hasMessageStartingWith("f.yml:4: ");
  }

  @Test
  void warnsOfTheOldForm() {
    Problems problems = new Problems();
    YamlNode node = YamlParser.parse("f.yml", "a: $PORT", problems).orElseThrow();

    new Substitution(new Variables(ENV, CONTEXT), problems).apply(node);

    assertThat(problems.warnings())
        .hasToString("[f.yml:1: $PORT: deprecated (expected: ${{ ENV.PORT }})]");
  }

  @Test
  void refusesReferencesThatMultiply() {
    String text = "a: " + "x".repeat(10_000) + "\nb: '" + "${{root.a}}".repeat(10_000) + "'\n";

    assertThatThrownBy(() -> substitute(text))
        .hasMessage(
            "f.yml:2: replaced text: more than 1048576 characters (expected: at most that)");
  }

  private static Map<?, ?> substitute(String text) {
    Problems problems = new Problems();
    YamlNode node = YamlParser.parse("f.yml", text, problems).orElseThrow();
    YamlNode replaced = new Substitution(new Variables(ENV, CONTEXT), problems).apply(node);
    problems.throwIfFailed();
    return (Map<?, ?>) Objects.requireNonNull(replaced.plain());
  }
}
