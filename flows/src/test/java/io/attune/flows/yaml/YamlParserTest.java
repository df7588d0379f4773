package io.attune.flows.yaml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.flows.FlowProblemsException;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class YamlParserTest {
  @Test
  void typesScalarsByTheCoreSchema() {
    Map<?, ?> values =
        (Map<?, ?>)
            parse(
                """
                text: yes
                quoted: '1'
                whole: -12
                hex: 0x1F
                octal: 0o17
                number: 2.5
                exponent: 1e3
                truth: True
                nothing: ~
                empty:
                forced: !!str 5
                widened: !!float 5
                list: [a, 1]
                """);

    assertThat(values.get("text")).isEqualTo("yes");
    assertThat(values.get("quoted")).isEqualTo("1");
    assertThat(values.get("whole")).isEqualTo(-12L);
    assertThat(values.get("hex")).isEqualTo(31L);
    assertThat(values.get("octal")).isEqualTo(15L);
    assertThat(values.get("number")).isEqualTo(2.5);
    assertThat(values.get("exponent")).isEqualTo(1000.0);
    assertThat(values.get("truth")).isEqualTo(true);
    assertThat(values.get("nothing")).isNull();
    assertThat(values.get("empty")).isNull();
    assertThat(values.get("forced")).isEqualTo("5");
    assertThat(values.get("widened")).isEqualTo(5.0);
    assertThat(values.get("list")).isEqualTo(Arrays.asList("a", 1L));
  }

  @Test
  void followsAliasesAndMergeKeys() {
    Object values =
        parse(
            """
            base: &base {a: 1, b: 2}
            one: {<<: *base, b: 3}
            two: {<<: [{a: 9}, *base]}
            same: *base
            """);

    assertThat(values)
        .isEqualTo(
            Map.of(
                "base", Map.of("a", 1L, "b", 2L),
                "one", Map.of("a", 1L, "b", 3L),
                "two", Map.of("a", 9L, "b", 2L),
                "same", Map.of("a", 1L, "b", 2L)));
  }

  @Test
  void keepsTheNameOfATagAsTheType() {
    YamlNode node =
        YamlParser.parse("f.yml", "!Flow\nversion: '1'\n", new Problems()).orElseThrow();

    assertThat(node)
        .isInstanceOfSatisfying(
            YamlNode.Mapping.class, mapping -> assertThat(mapping.type()).isEqualTo("Flow"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'a: 1\na: 2'            | f.yml:2: a: given twice (expected: once; first in line 1)",
        "'a: 1\n\tb: 2'          | f.yml:2: not YAML: found character",
        "'a: [1, 2'              | f.yml:1: not YAML: expected",
        "'a: b: c'               | f.yml:1: not YAML: mapping values are not allowed here",
        "'a: *gone'              | f.yml:1: *gone: no anchor before it (expected: &gone)",
        "'a: &x [1, *x]'         | f.yml:1: *x: no anchor before it (expected: &x)",
        "'a: !!python/object:os.system {}' | f.yml:1: tag tag:yaml.org,2002:python/object:os.system",
        "'a: !!java.lang.Runtime x' | f.yml:1: tag tag:yaml.org,2002:java.lang.Runtime on a value",
        "'!Flow [a]'             | f.yml:1: !Flow on a list (expected: no tag)",
        "'a: !!int x'            | f.yml:1: \"x\" (expected: of type int)",
        "'a: 99999999999999999999' | f.yml:1: 99999999999999999999 (expected: a whole number of at most 64 bits)",
        "'a: 1e999'              | f.yml:1: 1e999 (expected: a number a double can hold)",
        "'a: .nan'               | f.yml:1: .nan (expected: a finite number)",
        "'a: 1\n---\nb: 2'       | f.yml:2: a second document (expected: one per file)",
        "'? [a]\n: 1'            | f.yml:1: a key that is a list (expected: a string)",
        "'? ~\n: 1'              | f.yml:1: a key that is null (expected: a string)",
        "'a: {<<: 1}'            | f.yml:1: <<: 1 (expected: a mapping or a list of them)",
        "'a: \"unfinished'       | f.yml:1: not YAML: found unexpected end of stream",
        "''                      | f.yml: empty (expected: a mapping with jtype)",
        "'# only a comment'      | f.yml: empty (expected: a mapping with jtype)",
        "'%YAML 7.0\n---\na: 1'  | f.yml: YAML 7.0 (expected: 1.1 or 1.2)",
      })
  void refusesWithThePlace(String text, String message) {
    assertThatThrownBy(() -> parse(text))
        .isInstanceOf(FlowProblemsException.class)
        .hasMessageStartingWith(message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"[", "{a: ", "- ", "? ", "[[],", "{[a]: "})
  void refusesDeepNesting(String open) {
    assertThatThrownBy(() -> parse("a:\n  " + open.repeat(100_000)))
        .isInstanceOf(FlowProblemsException.class)
        .hasMessageContaining("f.yml:2: ");
  }

  @Test
  void refusesAliasesThatMultiply() {
    StringBuilder bomb = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 30; i++) {
      String alias = "*a" + (i - 1);
      bomb.append(
          "a%d: &a%d [%s]\n".formatted(i, i, String.join(", ", alias, alias, alias, alias)));
    }

    assertThatThrownBy(() -> parse(bomb.toString()))
        .isInstanceOf(FlowProblemsException.class)
        .hasMessageContaining("more than 50000 values, aliases counted");
  }

  @Test
  void refusesMergesThatMultiply() {
    StringBuilder bomb = new StringBuilder("m0: &m0 {k: 1}\n");
    for (int i = 1; i < 40; i++) {
      bomb.append("m%d: &m%d {<<: [*m%d, *m%d], k%d: 1}\n".formatted(i, i, i - 1, i - 1, i));
    }

    assertThatThrownBy(() -> parse(bomb.toString()))
        .isInstanceOf(FlowProblemsException.class)
        .hasMessageContaining("aliases counted");
  }

  @Test
  void refusesALongFile() {
    assertThatThrownBy(() -> parse("a: " + "x".repeat(YamlParser.MAX_LENGTH)))
        .hasMessage("f.yml: length: too many characters (expected: at most 1048576)");
  }

  @Test
  void refusesControlCharacters() {
    assertThatThrownBy(() -> parse("a: b\u0007c"))
        .isInstanceOf(FlowProblemsException.class)
        .hasMessageStartingWith("f.yml");
  }

  @Test
  void reportsAtMostAHundredProblems() {
    assertThatThrownBy(() -> parse("a: 1\n".repeat(10_000)))
        .isInstanceOfSatisfying(
            FlowProblemsException.class, failure -> assertThat(failure.problems()).hasSize(100));
  }

  private static Object parse(String text) {
    Problems problems = new Problems();
    YamlNode node = YamlParser.parse("f.yml", text, problems).orElse(null);
    problems.throwIfFailed();
    return java.util.Objects.requireNonNull(java.util.Objects.requireNonNull(node).plain());
  }
}
