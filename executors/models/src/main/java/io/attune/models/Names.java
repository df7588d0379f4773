package io.attune.models;

import io.attune.runtime.FlowException;

/// Model names made of file names.
final class Names {
  private static final int LONGEST = 100;

  private Names() {}

  /// A name out of a file's or folder's: without `.zip`, other characters as dashes.
  static String from(String file) {
    String name =
        file.replaceFirst("(?i)\\.zip$", "")
            .replaceAll("[^A-Za-z0-9._-]+", "-")
            .replaceFirst("^[^A-Za-z0-9]+", "");
    if (name.isEmpty()) {
      throw FlowException.invalid(
          "name: none can be made of \"" + file + "\" (expected: say the model's name)");
    }
    return name.substring(0, Math.min(name.length(), LONGEST));
  }
}
