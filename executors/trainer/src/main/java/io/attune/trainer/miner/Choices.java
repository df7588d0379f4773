package io.attune.trainer.miner;

import java.util.Locale;

/// Options that name a constant of an enum.
final class Choices {
  private Choices() {}

  /// The constant whose name, in small letters, was checked to be one of the option's.
  static <E extends Enum<E>> E named(E[] constants, String name) {
    for (E constant : constants) {
      if (name(constant).equals(name)) {
        return constant;
      }
    }
    throw new IllegalArgumentException(name);
  }

  /// What people write for a constant.
  static String name(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}
