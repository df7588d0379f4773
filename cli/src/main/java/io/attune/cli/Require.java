package io.attune.cli;

import io.attune.runtime.FlowException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// Checks of option values.
public final class Require {
  private Require() {}

  /// Refuses a whole number outside of a range.
  public static void within(String option, long value, long least, long most) {
    if (value < least || value > most) {
      throw FlowException.invalid(
          "%s: %d (expected: %d..%d)".formatted(option, value, least, most));
    }
  }

  /// Refuses a number outside of a range; NaN is outside of every range.
  public static void within(String option, double value, double least, double most) {
    if (!(value >= least && value <= most)) {
      throw FlowException.invalid(
          "%s: %s (expected: %s..%s)".formatted(option, value, least, most));
    }
  }

  /// Refuses a file to be written whose folder is not there.
  ///
  /// @param file null where none is to be written
  public static void folderOf(String option, @Nullable Path file) {
    if (file != null) {
      Path folder = file.toAbsolutePath().getParent();
      if (folder == null || !Files.isDirectory(folder) || Files.isDirectory(file)) {
        throw FlowException.invalid(
            "%s: %s (expected: a file in an existing folder)".formatted(option, file));
      }
    }
  }
}
