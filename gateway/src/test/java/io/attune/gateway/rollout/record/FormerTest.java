package io.attune.gateway.rollout.record;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class FormerTest {
  private static JsonNode json(String text) {
    return JsonMapper.shared().readTree(text.replace('\'', '"'));
  }

  @Test
  void addsWhatIsAbsentInsideOfFieldsAndListsToo() {
    JsonNode found = json("{'a': {'x': 1}, 'c': null, 'list': [{'x': 1}, {'x': 1, 'y': 2}, 3]}");
    Former.fill(
        found, (ObjectNode) json("{'a': {'y': 0}, 'b': {'y': 0}, 'c': 5, 'list': {'y': 0}}"));
    assertThat(found)
        .isEqualTo(
            json(
                "{'a': {'x': 1, 'y': 0}, 'c': null, 'list': [{'x': 1, 'y': 0}, {'x': 1, 'y': 2}, 3], 'b': {'y': 0}}"));
  }
}
