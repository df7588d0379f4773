package io.attune.flows.yaml;

import io.attune.flows.FlowProblemsException;
import io.attune.flows.Problem;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// What is wrong with a Flow's files, collected so that it can be told all at once.
public final class Problems {
  /// More would not be read; the rest of a hostile file is not worth the memory.
  private static final int MOST = 100;

  private final Set<Problem> errors = new LinkedHashSet<>();
  private final Set<Problem> warnings = new LinkedHashSet<>();

  /// Notes what keeps the Flow from starting.
  public void error(Place at, String message) {
    add(errors, at, message);
  }

  /// Notes what has no effect.
  public void warn(Place at, String message) {
    add(warnings, at, message);
  }

  /// Whether something keeps the Flow from starting.
  public boolean failed() {
    return !errors.isEmpty();
  }

  /// What has no effect, by file and line.
  public List<Problem> warnings() {
    return ordered(warnings);
  }

  /// Throws all errors together, if there are any.
  public void throwIfFailed() {
    if (failed()) {
      throw new FlowProblemsException(ordered(errors));
    }
  }

  private static void add(Set<Problem> to, Place at, String message) {
    if (to.size() < MOST) {
      to.add(new Problem(at.file(), at.line(), message));
    }
  }

  private static List<Problem> ordered(Set<Problem> problems) {
    List<String> files = problems.stream().map(Problem::file).distinct().toList();
    List<Problem> ordered = new ArrayList<>(problems);
    ordered.sort(
        Comparator.comparingInt((Problem problem) -> files.indexOf(problem.file()))
            .thenComparingInt(Problem::line));
    return List.copyOf(ordered);
  }
}
