package io.attune.flows.yaml;

import io.attune.flows.yaml.YamlNode.Entry;
import io.attune.flows.yaml.YamlNode.Mapping;
import io.attune.flows.yaml.YamlNode.Scalar;
import io.attune.flows.yaml.YamlNode.Sequence;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.DocumentStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.MappingStartEvent;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.events.SequenceStartEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlVersionException;

/// Reads one YAML 1.2 document into [YamlNode]s, within bounds.
///
/// The tree is built from the parser's events, so that a hostile file costs no more than what was
/// read until a bound was passed: size, depth, and the number of nodes once aliases are expanded.
/// Merge keys (`<<`) are followed as PyYAML does. No tag makes anything but a name.
public final class YamlParser {
  /// The longest file, in code points.
  public static final int MAX_LENGTH = 1 << 20;

  /// The deepest nesting.
  public static final int MAX_DEPTH = 64;

  /// The most nodes, aliases counted as often as they are used.
  public static final int MAX_NODES = 50_000;

  private final String file;
  private final Problems problems;
  private final Iterator<Event> events;
  private final Map<String, Anchored> anchors = new HashMap<>();

  private YamlParser(String file, String text, Problems problems) {
    this.file = file;
    this.problems = problems;
    LoadSettings settings =
        LoadSettings.builder().setLabel(file).setCodePointLimit(MAX_LENGTH).build();
    this.events = new Parse(settings).parseString(text).iterator();
  }

  /// Reads a document; empty, with a problem noted, where it is none.
  public static Optional<YamlNode> parse(String file, String text, Problems problems) {
    if (text.codePointCount(0, text.length()) > MAX_LENGTH) {
      problems.error(
          new Place(file, 0),
          "length: too many characters (expected: at most %d)".formatted(MAX_LENGTH));
      return Optional.empty();
    }
    try {
      Optional<YamlNode> root = new YamlParser(file, text, problems).document();
      if (root.isEmpty()) {
        problems.error(new Place(file, 0), "empty (expected: a mapping with jtype)");
      }
      return root;
    } catch (Unreadable unreadable) {
      problems.error(unreadable.at, oneLine(unreadable.getMessage()));
    } catch (MarkedYamlEngineException broken) {
      int line = broken.getProblemMark().map(mark -> mark.getLine() + 1).orElse(0);
      problems.error(new Place(file, line), "not YAML: " + oneLine(broken.getProblem()));
    } catch (YamlVersionException version) {
      problems.error(
          new Place(file, 0),
          "YAML %d.%d (expected: 1.1 or 1.2)"
              .formatted(version.getSpecVersion().getMajor(), version.getSpecVersion().getMinor()));
    } catch (YamlEngineException broken) {
      problems.error(new Place(file, 0), "not YAML: " + oneLine(broken.getMessage()));
    }
    return Optional.empty();
  }

  private Optional<YamlNode> document() {
    @Nullable Anchored root = null;
    boolean seen = false;
    while (events.hasNext()) {
      Event event = events.next();
      if (event instanceof DocumentStartEvent) {
        if (seen) {
          throw new Unreadable(place(event), "a second document (expected: one per file)");
        }
        seen = true;
      } else if (event instanceof NodeEvent) {
        root = node(event, 1);
      }
    }
    return Optional.ofNullable(root).map(Anchored::node);
  }

  private Anchored node(Event event, int depth) {
    if (depth > MAX_DEPTH) {
      throw new Unreadable(
          place(event), "nesting: deeper than %d (expected: at most that)".formatted(MAX_DEPTH));
    }
    return switch (event) {
      case AliasEvent alias -> alias(alias);
      case ScalarEvent scalar ->
          anchored(scalar, new Anchored(Scalars.read(scalar, place(scalar)), 1));
      case SequenceStartEvent start -> anchored(start, sequence(start, depth));
      case MappingStartEvent start -> anchored(start, mapping(start, depth));
      default -> throw new Unreadable(place(event), "not YAML: unexpected " + event);
    };
  }

  private Anchored alias(AliasEvent alias) {
    String name = alias.getAlias().getValue();
    Anchored target = anchors.get(name);
    if (target == null) {
      throw new Unreadable(
          place(alias), "*%s: no anchor before it (expected: &%s)".formatted(name, name));
    }
    return target;
  }

  private Anchored anchored(NodeEvent event, Anchored node) {
    event.getAnchor().ifPresent(anchor -> anchors.put(anchor.getValue(), node));
    return node;
  }

  private Anchored sequence(SequenceStartEvent start, int depth) {
    Place at = place(start);
    if (tagName(start.getTag(), at) != null) {
      throw new Unreadable(
          at, "%s on a list (expected: no tag)".formatted(start.getTag().orElse("")));
    }
    List<YamlNode> items = new ArrayList<>();
    long weight = 1;
    for (Event event = events.next();
        event.getEventId() != Event.ID.SequenceEnd;
        event = events.next()) {
      Anchored item = node(event, depth + 1);
      weight = weigh(weight + item.weight(), at);
      items.add(item.node());
    }
    return new Anchored(new Sequence(items, at), weight);
  }

  private Anchored mapping(MappingStartEvent start, int depth) {
    Place at = place(start);
    Map<String, Entry> entries = new LinkedHashMap<>();
    List<Mapping> merged = new ArrayList<>();
    long weight = 1;
    for (Event event = events.next();
        event.getEventId() != Event.ID.MappingEnd;
        event = events.next()) {
      Place keyAt = place(event);
      String key = key(event, depth);
      Anchored value = node(events.next(), depth + 1);
      weight = weigh(weight + value.weight(), at);
      if (key.equals("<<")) {
        merge(value.node(), keyAt, merged);
      } else {
        put(entries, key, new Entry(keyAt, value.node()));
      }
    }
    for (Mapping source : merged) {
      source.entries().forEach(entries::putIfAbsent);
    }
    return new Anchored(new Mapping(tagName(start.getTag(), at), entries, at), weight);
  }

  private String key(Event event, int depth) {
    YamlNode node = node(event, depth + 1).node();
    if (node instanceof Scalar(Object value, Place _) && value != null) {
      return event instanceof ScalarEvent scalar ? scalar.getValue() : value.toString();
    }
    throw new Unreadable(
        place(event), "a key that is %s (expected: a string)".formatted(node.kind()));
  }

  private void put(Map<String, Entry> entries, String key, Entry entry) {
    Entry first = entries.putIfAbsent(key, entry);
    if (first != null) {
      problems.error(
          entry.at(),
          "%s: given twice (expected: once; first in line %d)".formatted(key, first.at().line()));
    }
  }

  private static void merge(YamlNode value, Place at, List<Mapping> merged) {
    switch (value) {
      case Mapping mapping -> merged.add(mapping);
      case Sequence sequence -> sequence.items().forEach(item -> merge(item, at, merged));
      case Scalar scalar ->
          throw new Unreadable(
              at, "<<: %s (expected: a mapping or a list of them)".formatted(scalar.kind()));
    }
  }

  /// The name of a tag such as `!Flow`; null where there is none that says anything.
  private static @Nullable String tagName(Optional<String> tag, Place at) {
    String text = tag.orElse("!");
    if (text.equals("!")
        || text.equals(Scalars.CORE + "map")
        || text.equals(Scalars.CORE + "seq")) {
      return null;
    }
    if (text.matches("![A-Za-z_][A-Za-z0-9_]*")) {
      return text.substring(1);
    }
    throw new Unreadable(at, "tag %s (expected: none, or a name such as !Flow)".formatted(text));
  }

  private long weigh(long weight, Place at) {
    if (weight > MAX_NODES) {
      throw new Unreadable(
          at, "more than %d values, aliases counted (expected: at most that)".formatted(MAX_NODES));
    }
    return weight;
  }

  private Place place(Event event) {
    return new Place(file, event.getStartMark().map(Mark::getLine).orElse(-1) + 1);
  }

  private static String oneLine(@Nullable String message) {
    return message == null ? "unreadable" : message.replaceAll("\\s*\\R\\s*", " ").strip();
  }

  /// A node, and how many nodes it has once aliases are expanded.
  private record Anchored(YamlNode node, long weight) {}

  /// Ends the reading of a file.
  static final class Unreadable extends RuntimeException {
    private static final long serialVersionUID = 1L;

    final transient Place at;

    Unreadable(Place at, String message) {
      super(message);
      this.at = at;
    }
  }
}
