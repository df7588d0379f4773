package io.attune.trainer.run;

import io.attune.runtime.FlowException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/// YAML as a [ConfigNode] with its lines: one document, of bounded size, without tags.
final class ConfigYaml {
  private static final int MAX_CHARACTERS = 1 << 20;
  private static final int MAX_NODES = 20_000;

  private final String file;
  private int nodes;

  private ConfigYaml(String file) {
    this.file = file;
  }

  /// @param file what messages call it
  static ConfigNode.Mapping read(String file, String text) {
    if (text.length() > MAX_CHARACTERS) {
      throw FlowException.invalid(
          "%s: %d characters (expected: at most %d)"
              .formatted(file, text.length(), MAX_CHARACTERS));
    }
    LoadSettings settings =
        LoadSettings.builder().setLabel(file).setAllowDuplicateKeys(false).build();
    try {
      Optional<Node> root = new Compose(settings).composeString(text);
      if (root.isEmpty()) {
        return ConfigNode.Mapping.empty(1);
      }
      ConfigYaml yaml = new ConfigYaml(file);
      return yaml.node(root.get()) instanceof ConfigNode.Mapping mapping
          ? mapping
          : throwNoMapping(file);
    } catch (MarkedYamlEngineException e) {
      int line = e.getProblemMark().map(mark -> mark.getLine() + 1).orElse(0);
      throw FlowException.invalid(
          "%s:%d: %s (expected: YAML)".formatted(file, line, oneLine(e.getProblem())));
    } catch (YamlEngineException e) {
      throw FlowException.invalid(
          "%s: %s (expected: YAML)".formatted(file, oneLine(String.valueOf(e.getMessage()))));
    }
  }

  private static ConfigNode.Mapping throwNoMapping(String file) {
    throw FlowException.invalid(file + ": no mapping (expected: a key and a value a line)");
  }

  private static String oneLine(String text) {
    return text.replaceAll("\\s*\\R\\s*", " ").strip();
  }

  private ConfigNode node(Node node) {
    int line = line(node);
    if (++nodes > MAX_NODES) {
      throw FlowException.invalid(
          "%s:%d: more than %d values, aliases counted (expected: at most that)"
              .formatted(file, line, MAX_NODES));
    }
    return switch (node) {
      case ScalarNode scalar ->
          new ConfigNode.Scalar(
              scalar.getValue(), scalar.getScalarStyle() != ScalarStyle.PLAIN, line);
      case SequenceNode sequence -> {
        List<ConfigNode> items = new ArrayList<>();
        sequence.getValue().forEach(item -> items.add(node(item)));
        yield new ConfigNode.Sequence(items, line);
      }
      case MappingNode mapping -> mapping(mapping, line);
      default ->
          throw FlowException.invalid(
              "%s:%d: %s (expected: a value)".formatted(file, line, node.getNodeType()));
    };
  }

  private ConfigNode.Mapping mapping(MappingNode mapping, int line) {
    Map<String, ConfigNode> entries = new LinkedHashMap<>();
    Map<String, Integer> lines = new LinkedHashMap<>();
    for (NodeTuple tuple : mapping.getValue()) {
      if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
        throw FlowException.invalid(
            "%s:%d: a key that is no text (expected: a name)"
                .formatted(file, line(tuple.getKeyNode())));
      }
      if (entries.put(key.getValue(), node(tuple.getValueNode())) != null) {
        throw FlowException.invalid(
            "%s:%d: %s: given twice (expected: once; first in line %d)"
                .formatted(file, line(key), key.getValue(), lines.get(key.getValue())));
      }
      lines.put(key.getValue(), line(key));
    }
    return new ConfigNode.Mapping(entries, lines, line);
  }

  private static int line(Node node) {
    return node.getStartMark().map(mark -> mark.getLine() + 1).orElse(0);
  }
}
