package io.attune.cli;

import io.attune.document.file.DocumentDraft;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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

  /// Refuses a file to be written that is one of those read, or would be on the way.
  ///
  /// @param file null where none is to be written
  public static void noInput(String option, @Nullable Path file, List<Path> inputs)
      throws IOException {
    if (file == null) {
      return;
    }
    for (Path written : List.of(file, DocumentDraft.partOf(file))) {
      for (Path input : inputs) {
        if (Files.exists(written) && Files.exists(input) && Files.isSameFile(written, input)) {
          throw FlowException.invalid(
              "%s: %s (expected: another file than those that are read, %s)"
                  .formatted(option, file, input));
        }
      }
    }
  }
}
