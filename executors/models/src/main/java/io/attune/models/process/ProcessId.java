package io.attune.models.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/// A process of this machine, told from a later one that was given the same number.
///
/// @param pid its number
/// @param birth when it started: on Linux the boot's id and the kernel's ticks since, which do not
///   move with the clock; elsewhere milliseconds since 1970. Empty where the system does not say
public record ProcessId(long pid, String birth) {
  private static final int STATE = 0; // of the fields past the command's name
  private static final int START_TICKS = 19;

  /// This process.
  public static ProcessId current() {
    long pid = ProcessHandle.current().pid();
    return new ProcessId(pid, birth(pid).orElse(""));
  }

  /// A process by its number; empty where there is none.
  public static Optional<ProcessId> of(long pid) {
    return birth(pid).map(birth -> new ProcessId(pid, birth));
  }

  /// Whether it still runs; one that ended and was not waited for does not.
  public boolean isAlive() {
    return birth(pid).map(birth::equals).orElse(false);
  }

  /// Kills it where it still runs.
  public void kill() {
    if (isAlive()) {
      ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
    }
  }

  private static Optional<String> birth(long pid) {
    Path boot = Path.of("/proc/sys/kernel/random/boot_id");
    if (!Files.isReadable(boot)) {
      return ProcessHandle.of(pid)
          .filter(ProcessHandle::isAlive)
          .map(handle ->
              handle
                  .info()
                  .startInstant()
                  .map(Instant::toEpochMilli)
                  .map(String::valueOf)
                  .orElse(""));
    }
    try {
      String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
      // the command's name, in parentheses, may itself hold spaces and parentheses
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
      boolean ended = fields[STATE].equals("Z") || fields[STATE].equals("X");
      return ended
          ? Optional.empty()
          : Optional.of(Files.readString(boot).strip() + ":" + fields[START_TICKS]);
    } catch (IOException _) {
      return Optional.empty();
    }
  }
}
