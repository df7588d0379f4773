package io.attune.trainer.executor;

import io.attune.runtime.Call;
import io.attune.runtime.FlowException;
import io.attune.runtime.Parameters;
import io.attune.runtime.registry.Spelling;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/// The parameters of a request about runs.
final class RunParameters {
  private final Parameters parameters;

  private RunParameters(Parameters parameters) {
    this.parameters = parameters;
  }

  /// @param ignored those that are not looked at
  /// @param names those that there are
  /// @throws FlowException naming what is near an unknown one
  static RunParameters of(Call call, Predicate<String> ignored, String... names) {
    List<String> known = List.of(names);
    for (String name : call.parameters().struct().getFieldsMap().keySet()) {
      if (!known.contains(name) && !ignored.test(name)) {
        throw FlowException.invalid(
            "%s: unknown parameter of %s (expected: %s)"
                .formatted(name, call.endpoint(), Spelling.expected(name, known)));
      }
    }
    return new RunParameters(call.parameters());
  }

  /// The run that must be named.
  String run() {
    return text("run")
        .orElseThrow(() -> FlowException.invalid("run: missing (expected: a run's id or name)"));
  }

  /// A name that must be there.
  String name(String parameter) {
    return text(parameter)
        .orElseThrow(() -> FlowException.invalid(parameter + ": missing (expected: a name)"));
  }

  Optional<String> text(String name) {
    return parameters.string(name);
  }

  int whole(String name, int fallback, int least, int most) {
    return parameters.integer(name, fallback, least, most);
  }
}
