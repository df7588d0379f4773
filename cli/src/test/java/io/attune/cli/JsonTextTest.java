package io.attune.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.document.json.StructJson;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTextTest {
  private static String value(String text) {
    return String.valueOf(StructJson.plain(JsonText.struct(Map.of("key", text))).get("key"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "talons",
        "data/pairs.csv",
        "../../etc/passwd",
        "/data",
        "a b",
        "a#b",
        "1 2",
        "",
        "007",
        "NaN"
      })
  void whatIsNotJsonIsAString(String text) {
    assertThat(JsonText.struct(Map.of("key", text)).getFieldsOrThrow("key").hasStringValue())
        .isTrue();
    assertThat(value(text)).isEqualTo(text);
  }

  @Test
  void whatIsJsonIsWhatItSays() {
    assertThat(
            StructJson.plain(
                JsonText.struct(
                    Map.of("a", "1e-5", "b", "true", "c", "[1, \"x\"]", "d", "{\"e\": null}"))))
        .containsEntry("a", 1e-5)
        .containsEntry("b", true)
        .containsEntry("c", Arrays.asList(1L, "x"))
        .containsKey("d");
    assertThat(value("\"7\"")).isEqualTo("7");
  }

  @Test
  void anObjectMustBeOne() {
    assertThatThrownBy(() -> JsonText.struct("--filter", "[1]"))
        .hasMessage("--filter: [1] (expected: a JSON object)");
    assertThatThrownBy(() -> JsonText.struct("--filter", "{a"))
        .hasMessageStartingWith("--filter: ")
        .hasMessageEndingWith("(expected: a JSON object)");
  }
}
