package io.attune.gateway.rollout.record;

import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// What records of earlier versions lack. A field that a record gains is named here, with what its
/// absence stands for; all others must be there, so that a damaged record is not taken for one.
final class Former {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  /// By record, as objects that have the new fields alone; one inside another holds for a field,
  /// and for each element of a list.
  private static final Map<Class<?>, ObjectNode> LACKING =
      Map.of(RolloutRecord.class, NODES.objectNode().put("fromDimension", 0).putNull("gate"));

  /// The same of what is inside of fields that may be null.
  private static final Map<Class<?>, ObjectNode> LACKING_INSIDE =
      Map.of(
          RolloutRecord.class,
          NODES.objectNode().set("gate", NODES.objectNode().put("heldOut", 0)));

  private Former() {}

  /// Gives a record the fields that it lacks.
  static JsonNode completed(JsonNode found, Class<?> type) {
    fill(found, LACKING.getOrDefault(type, NODES.objectNode()));
    fill(found, LACKING_INSIDE.getOrDefault(type, NODES.objectNode()));
    return found;
  }

  static void fill(JsonNode found, ObjectNode lacking) {
    switch (found) {
      case ArrayNode list -> list.forEach(each -> fill(each, lacking));
      case ObjectNode fields ->
          lacking
              .properties()
              .forEach(each -> {
                JsonNode held = fields.get(each.getKey());
                if (held == null) {
                  fields.set(each.getKey(), each.getValue());
                } else if (each.getValue() instanceof ObjectNode inside) {
                  fill(held, inside);
                }
              });
      default -> {} // no record: refused when it is read as one
    }
  }
}
