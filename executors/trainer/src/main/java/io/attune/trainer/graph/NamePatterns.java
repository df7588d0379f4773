package io.attune.trainer.graph;

import io.attune.runtime.FlowException;
import io.attune.runtime.registry.Spelling;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;

/// Chooses weights by name: a name, the name of a module that holds them, or a pattern in which `*`
/// stands for any letters and `?` for one.
public final class NamePatterns {
  private NamePatterns() {}

  /// The weights that some pattern matches.
  ///
  /// @param option what messages call the patterns
  /// @param name the name of a weight
  /// @throws FlowException (INVALID_ARGUMENT) where a pattern matches nothing, with the nearest
  ///   name
  public static <T> Set<T> matching(
      String option, Collection<String> patterns, List<T> weights, Function<T, String> name) {
    Set<T> matched = new LinkedHashSet<>();
    for (String pattern : patterns) {
      Pattern regex = regex(pattern);
      List<T> found =
          weights.stream().filter(one -> regex.matcher(name.apply(one)).matches()).toList();
      if (found.isEmpty()) {
        throw unmatched(option, pattern, weights.stream().map(name).toList());
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

  private static FlowException unmatched(String option, String pattern, List<String> weights) {
    Set<String> names = new LinkedHashSet<>();
    for (String name : weights) {
      for (int dot = name.indexOf('.'); dot > 0; dot = name.indexOf('.', dot + 1)) {
        names.add(name.substring(0, dot));
      }
      names.add(name);
    }
    String nearest =
        Spelling.nearest(pattern, names).map(name -> ", did you mean " + name + "?").orElse("");
    return FlowException.invalid(
        "%s: %s matches no weight (expected: a name, a module or a pattern such as %s%s)"
            .formatted(
                option, pattern, names.isEmpty() ? "encoder.*" : names.iterator().next(), nearest));
  }
}
