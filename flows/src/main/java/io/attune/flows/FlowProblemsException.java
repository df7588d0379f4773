package io.attune.flows;

import java.util.List;
import java.util.stream.Collectors;

/// A Flow that cannot be started, with everything that is wrong with it.
public final class FlowProblemsException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient List<Problem> problems;

  public FlowProblemsException(List<Problem> problems) {
    super(problems.stream().map(Problem::toString).collect(Collectors.joining("\n")));
    this.problems = List.copyOf(problems);
  }

  /// The problems, in the order of the file.
  public List<Problem> problems() {
    return problems;
  }
}
