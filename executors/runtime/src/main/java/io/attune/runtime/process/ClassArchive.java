package io.attune.runtime.process;

import java.lang.management.ManagementFactory;
import java.util.List;

/// The archive of classes that this JVM was started with, for those it starts itself.
public final class ClassArchive {
  private static final String FILE = "-XX:SharedArchiveFile=";
  private static final String ADDED_MODULES = "--add-modules=";

  private ClassArchive() {}

  /// Options for a JVM with the same class path: the archive, and the modules it was made with.
  /// With them it starts faster; where the archive does not fit, it starts without.
  public static List<String> arguments() {
    return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(argument -> argument.startsWith(FILE) || argument.startsWith(ADDED_MODULES))
        .toList();
  }
}
