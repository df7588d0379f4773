package io.attune.flows.yaml;

import io.attune.flows.yaml.YamlNode.Entry;
import io.attune.flows.yaml.YamlNode.Mapping;
import io.attune.flows.yaml.YamlNode.Scalar;
import io.attune.flows.yaml.YamlNode.Sequence;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Replaces `${{ … }}` in the values of a document, by Jina's rules.
///
/// First variables: `${{ ENV.NAME }}` and `${{ CONTEXT.NAME }}` (or `${{ NAME }}`), with exactly
/// one white-space character inside each brace pair, and the deprecated `$NAME`. Then, in three
/// passes, references into the document itself, without spaces: `${{root.path[0].x}}` and
/// `${{this.x}}`. A value in which something was replaced is typed anew. Unlike Jina, an unknown
/// name is an error, and a value in which nothing was replaced keeps its type.
public final class Substitution {
  private static final int PASSES = 3;

  /// The most characters that may come from replacing; references could double them otherwise.
  private static final long MAX_REPLACED = 1 << 20;

  private static final Pattern VARIABLE =
      Pattern.compile(
          "\\$\\{\\{\\s(?:(ENV|env|CONTEXT|context)\\.)?([A-Za-z0-9_]*)\\s}}"
              + "|\\$([A-Za-z0-9_]+)|\\$\\{([A-Za-z0-9_]+)}");
  private static final Pattern REFERENCE = Pattern.compile("\\$\\{\\{([\\w\\[\\].]+)}}");
  private static final Pattern STEP = Pattern.compile("\\.([A-Za-z0-9_]+)|\\[([0-9]{1,9})]");

  private final Variables variables;
  private final Problems problems;
  private long replacedLength;

  public Substitution(Variables variables, Problems problems) {
    this.variables = variables;
    this.problems = problems;
  }

  /// The document with everything replaced.
  public YamlNode apply(YamlNode root) {
    YamlNode current = rewrite(root, root, (scalar, text, _) -> variables(scalar, text));
    for (int pass = 0; pass < PASSES; pass++) {
      YamlNode before = current;
      current =
          rewrite(
              before, before, (scalar, text, parent) -> references(scalar, text, before, parent));
    }
    return rewrite(current, current, (scalar, text, _) -> unresolved(scalar, text));
  }

  private YamlNode rewrite(YamlNode node, YamlNode parent, Rewriting rewriting) {
    return switch (node) {
      case Scalar scalar ->
          scalar.value() instanceof String text && text.indexOf('$') >= 0
              ? rewriting.rewrite(scalar, text, parent)
              : scalar;
      case Sequence sequence -> {
        List<YamlNode> items = new ArrayList<>(sequence.items().size());
        sequence.items().forEach(item -> items.add(rewrite(item, sequence, rewriting)));
        yield new Sequence(items, sequence.at());
      }
      case Mapping mapping -> {
        Map<String, Entry> entries = new LinkedHashMap<>();
        mapping
            .entries()
            .forEach((key, entry) ->
                entries.put(
                    key, new Entry(entry.at(), rewrite(entry.value(), mapping, rewriting))));
        yield new Mapping(mapping.type(), entries, mapping.at());
      }
    };
  }

  private YamlNode variables(Scalar scalar, String text) {
    Matcher matcher = VARIABLE.matcher(text);
    StringBuilder replaced = new StringBuilder();
    boolean changed = false;
    boolean failed = false;
    while (matcher.find()) {
      String value = variable(matcher, scalar.at());
      boolean template = matcher.group(2) != null;
      failed |= value == null && template;
      changed |= value != null;
      matcher.appendReplacement(
          replaced, Matcher.quoteReplacement(value == null ? matcher.group() : value));
    }
    matcher.appendTail(replaced);
    if (failed) {
      return new Scalar(null, scalar.at());
    }
    return changed ? typed(replaced, scalar.at()) : scalar;
  }

  private @Nullable String variable(Matcher matcher, Place at) {
    String name = matcher.group(2);
    if (name == null) {
      return deprecated(matcher.group(3) != null ? matcher.group(3) : matcher.group(4), at);
    }
    boolean env = matcher.group(1) != null && matcher.group(1).equalsIgnoreCase("ENV");
    String value = (env ? variables.env() : variables.context()).get(name);
    if (value == null) {
      problems.error(
          at,
          env
              ? "${{ ENV.%s }}: not set (expected: an environment variable %s)"
                  .formatted(name, name)
              : "${{ CONTEXT.%s }}: not given (expected: %s)".formatted(name, contextNames()));
    }
    return value;
  }

  private @Nullable String deprecated(String name, Place at) {
    String value = variables.env().get(name);
    if (value != null) {
      problems.warn(at, "$%s: deprecated (expected: ${{ ENV.%s }})".formatted(name, name));
    }
    return value;
  }

  private String contextNames() {
    return variables.context().isEmpty()
        ? "a context with that name; none was given"
        : "one of " + variables.context().keySet().stream().sorted().toList();
  }

  private YamlNode references(Scalar scalar, String text, YamlNode root, YamlNode parent) {
    Matcher matcher = REFERENCE.matcher(text);
    StringBuilder replaced = new StringBuilder();
    boolean changed = false;
    while (matcher.find()) {
      String path = matcher.group(1);
      String value = reference(path, root, parent, scalar.at());
      if (value == null) {
        return new Scalar(null, scalar.at());
      }
      changed = true;
      if (replaced.length() + value.length() > MAX_REPLACED) {
        return tooLong(scalar.at());
      }
      matcher.appendReplacement(replaced, Matcher.quoteReplacement(value));
    }
    matcher.appendTail(replaced);
    return changed ? typed(replaced, scalar.at()) : scalar;
  }

  private YamlNode typed(StringBuilder replaced, Place at) {
    replacedLength += replaced.length();
    return replacedLength > MAX_REPLACED ? tooLong(at) : Typing.of(replaced.toString(), at);
  }

  private YamlNode tooLong(Place at) {
    problems.error(
        at,
        "replaced text: more than %d characters (expected: at most that)".formatted(MAX_REPLACED));
    return new Scalar(null, at);
  }

  private @Nullable String reference(String path, YamlNode root, YamlNode parent, Place at) {
    int end = 0;
    while (end < path.length() && path.charAt(end) != '.' && path.charAt(end) != '[') {
      end++;
    }
    String start = path.substring(0, end);
    if (start.equals("ENV")
        && path.length() > 4
        && variables.env().containsKey(path.substring(4))) {
      return variables.env().get(path.substring(4));
    }
    YamlNode found =
        switch (start) {
          case "root" -> follow(root, path.substring(end));
          case "this" -> follow(parent, path.substring(end));
          default -> null;
        };
    if (found instanceof Scalar(Object value, Place _)) {
      return value == null ? "" : value.toString();
    }
    problems.error(
        at,
        "${{%s}}: %s (expected: root.… or this.… naming a value of this file, or a variable with one space inside the braces)"
            .formatted(path, found == null ? "not there" : found.kind()));
    return null;
  }

  private static @Nullable YamlNode follow(YamlNode from, String path) {
    YamlNode node = from;
    Matcher step = STEP.matcher(path);
    int at = 0;
    while (at < path.length()) {
      if (!step.find(at) || step.start() != at) {
        return null;
      }
      at = step.end();
      String key = step.group(1);
      YamlNode next =
          switch (node) {
            case Mapping mapping when key != null -> mapping.get(key);
            case Sequence sequence when key == null -> item(sequence, step.group(2));
            default -> null;
          };
      if (next == null) {
        return null;
      }
      node = next;
    }
    return node;
  }

  private static @Nullable YamlNode item(Sequence sequence, String index) {
    int at = Integer.parseInt(index);
    return at < sequence.items().size() ? sequence.items().get(at) : null;
  }

  private Scalar unresolved(Scalar scalar, String text) {
    if (!text.contains("${{")) {
      return scalar;
    }
    problems.error(
        scalar.at(),
        "%s: not resolved (expected: ${{ ENV.NAME }}, ${{ CONTEXT.NAME }} with one space inside the braces, or ${{root.x}}, ${{this.x}} without, at most %d deep)"
            .formatted(scalar.kind(), PASSES));
    return new Scalar(null, scalar.at());
  }

  @FunctionalInterface
  private interface Rewriting {
    YamlNode rewrite(Scalar scalar, String text, YamlNode parent);
  }
}
