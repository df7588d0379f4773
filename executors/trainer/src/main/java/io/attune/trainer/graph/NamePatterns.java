package io.attune.trainer.graph;

import io.attune.runtime.FlowException;
import io.attune.runtime.registry.Spelling;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/// Chooses parameters by name: a name, the name of a module that holds them, or a pattern in which
/// `*` stands for any letters and `?` for one.
final class NamePatterns {
  private NamePatterns() {}

  /// The parameters that some pattern matches.
  ///
  /// @throws FlowException (INVALID_ARGUMENT) where a pattern matches nothing, with the nearest
  ///   name
  static Set<Parameter> matching(
      String option, Collection<String> patterns, List<Parameter> parameters) {
    Set<Parameter> matched = new LinkedHashSet<>();
    for (String pattern : patterns) {
      Pattern regex = regex(pattern);
      List<Parameter> found =
          parameters.stream().filter(p -> regex.matcher(p.name()).matches()).toList();
      if (found.isEmpty()) {
        throw unmatched(option, pattern, parameters);
      }
      matched.addAll(found);
    }
    return matched;
  }

  private static Pattern regex(String pattern) {
    StringBuilder regex = new StringBuilder();
    for (int i = 0; i < pattern.length(); i++) {
      char c = pattern.charAt(i);
      switch (c) {
        case '*' -> regex.append(".*");
        case '?' -> regex.append('.');
        default -> regex.append(Pattern.quote(String.valueOf(c)));
      }
    }
    return Pattern.compile(regex.append("(\\..*)?").toString());
  }

  private static FlowException unmatched(
      String option, String pattern, List<Parameter> parameters) {
    Set<String> names = new LinkedHashSet<>();
    for (Parameter parameter : parameters) {
      String name = parameter.name();
      for (int dot = name.indexOf('.'); dot > 0; dot = name.indexOf('.', dot + 1)) {
        names.add(name.substring(0, dot));
      }
      names.add(name);
    }
    String nearest =
        Spelling.nearest(pattern, names).map(name -> ", did you mean " + name + "?").orElse("");
    return FlowException.invalid(
        "%s: %s matches no parameter (expected: a name, a module or a pattern such as %s%s)"
            .formatted(
                option, pattern, names.isEmpty() ? "encoder.*" : names.iterator().next(), nearest));
  }
}
