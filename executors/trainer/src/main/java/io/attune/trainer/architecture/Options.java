package io.attune.trainer.architecture;

import io.attune.models.Artifact;
import io.attune.runtime.FlowException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// The options of an architecture as a user gave them: a number, a list of numbers, or their text.
final class Options {
  /// The longest embedding or layer.
  static final int MAX_DIMENSION = Artifact.MAX_DIMENSION;

  /// The most elements of one weight: 1 GiB of floats.
  private static final long MAX_ELEMENTS = 1L << 28;

  private final Map<String, ?> given;

  Options(String architecture, Map<String, ?> given, String... known) {
    this.given = given;
    for (String key : given.keySet()) {
      if (!Arrays.asList(known).contains(key)) {
        throw FlowException.invalid(
            "%s.%s: unknown option (expected: one of %s)"
                .formatted(architecture, key, Arrays.toString(known)));
      }
    }
  }

  int size(String key, int fallback) {
    List<Integer> sizes = sizes(key, List.of(fallback));
    if (sizes.size() != 1) {
      throw FlowException.invalid("%s: %s (expected: one number)".formatted(key, sizes));
    }
    return sizes.getFirst();
  }

  List<Integer> sizes(String key, List<Integer> fallback) {
    Object value = given.get(key);
    if (value == null) {
      return fallback;
    }
    List<?> items =
        value instanceof List<?> list ? list : Arrays.asList(value.toString().split("[,x]", -1));
    List<Integer> sizes = new ArrayList<>();
    for (Object item : items) {
      if (!item.toString().isBlank() || items.size() > 1) {
        sizes.add(number(key, item.toString().strip(), value));
      }
    }
    return sizes;
  }

  private static int number(String key, String text, Object value) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw FlowException.invalid(
          "%s: %s (expected: whole numbers, as 128 or 784,128)".formatted(key, value));
    }
  }

  <E extends Enum<E>> E choice(String key, E fallback) {
    Object value = given.get(key);
    if (value == null) {
      return fallback;
    }
    List<E> choices = List.of(fallback.getDeclaringClass().getEnumConstants());
    for (E choice : choices) {
      if (name(choice).equals(value.toString())) {
        return choice;
      }
    }
    throw FlowException.invalid(
        "%s: %s (expected: one of %s)"
            .formatted(key, value, choices.stream().map(Options::name).toList()));
  }

  private static String name(Enum<?> choice) {
    return choice.name().toLowerCase(Locale.ROOT);
  }

  static void requireSize(String key, int size) {
    requireRange(key, size, 1, 1 << 24);
  }

  static void requireRange(String key, int value, int least, int most) {
    if (value < least || value > most) {
      throw FlowException.invalid("%s: %d (expected: %d..%d)".formatted(key, value, least, most));
    }
  }

  /// The elements of a weight, refused where they are too many.
  static long requireElements(String key, long rows, long columns) {
    long elements = Math.multiplyExact(rows, columns);
    if (elements > MAX_ELEMENTS) {
      throw FlowException.invalid(
          "%s: a weight of %d x %d (expected: at most %d elements)"
              .formatted(key, rows, columns, MAX_ELEMENTS));
    }
    return elements;
  }
}
