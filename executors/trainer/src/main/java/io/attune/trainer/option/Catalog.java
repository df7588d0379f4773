package io.attune.trainer.option;

import io.attune.runtime.FlowException;
import io.attune.runtime.registry.Spelling;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/// All things of one kind that can be chosen by name.
///
/// @param <C> what describes one of them
public final class Catalog<C extends Choice> {
  private final String noun;
  private final SequencedMap<String, C> choices;

  private Catalog(String noun, SequencedMap<String, C> choices) {
    this.noun = noun;
    this.choices = choices;
  }

  /// A catalog of these.
  ///
  /// @param noun the name of the setting that chooses one, such as `loss`
  @SafeVarargs
  @SuppressWarnings("varargs")
  public static <C extends Choice> Catalog<C> of(String noun, C... choices) {
    SequencedMap<String, C> byName = new LinkedHashMap<>();
    for (C choice : choices) {
      if (byName.put(choice.name(), choice) != null) {
        throw new IllegalArgumentException(noun + " named twice: " + choice.name());
      }
    }
    return new Catalog<>(noun, Collections.unmodifiableSequencedMap(byName));
  }

  /// All of them, in the order of help.
  public List<C> choices() {
    return List.copyOf(choices.values());
  }

  /// The one of this name.
  ///
  /// @throws FlowException where there is none
  public C named(String name) {
    C choice = choices.get(name);
    if (choice == null) {
      String nearest =
          Spelling.nearest(name, choices.keySet())
              .map(each -> ", did you mean " + each + "?")
              .orElse("");
      throw FlowException.invalid(
          "%s: %s (expected: one of %s%s)"
              .formatted(noun, name, String.join(", ", choices.keySet()), nearest));
    }
    return choice;
  }
}
