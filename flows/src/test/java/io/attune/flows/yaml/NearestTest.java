package io.attune.flows.yaml;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NearestTest {
  @ParameterizedTest
  @CsvSource({
    "name, name, 0",
    "uses-with, uses_with, 0",
    "Name, name, 0",
    "nmae, name, 1",
    "nam, name, 1",
    "xname, name, 1",
    "kitten, sitting, 3",
    "'', abc, 3",
  })
  void countsEdits(String from, String to, int distance) {
    assertThat(Nearest.distance(from, to)).isEqualTo(distance);
    assertThat(Nearest.distance(to, from)).isEqualTo(distance);
  }

  @Test
  void suggestsTheNearestAndListsAShortList() {
    assertThat(Nearest.expected("tls_", List.of("host", "tls")))
        .isEqualTo("did you mean tls? It must be one of host, tls");
    assertThat(Nearest.expected("zzzzzzzz", List.of("host", "tls"))).isEqualTo("one of host, tls");
    assertThat(Nearest.expected("x", List.of())).isEqualTo("none");
  }

  @Test
  void doesNotListALongList() {
    List<String> many = IntStream.range(0, 40).mapToObj(i -> "quite_long_key_" + i).toList();

    assertThat(Nearest.expected("quite_long_kee_7", many))
        .isEqualTo("did you mean quite_long_key_7?");
    assertThat(Nearest.expected("?", many)).isEqualTo("one of the 40 names in docs/flow-yaml.md");
  }
}
