package io.attune.runtime.lock;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ProcessLockTest {
  @TempDir private Path folder;

  private static FlowException inUse(String holder) {
    return new FlowException(ErrorCode.FAILED_PRECONDITION, "held by " + holder);
  }

  /// Takes the lock, and prints what came of it.
  static final class Taker {
    public static void main(String[] arguments) throws IOException {
      try (ProcessLock _ = ProcessLock.acquire(Path.of(arguments[0]), ProcessLockTest::inUse)) {
        System.out.println("taken");
      } catch (FlowException e) {
        System.out.println(e.getMessage());
      }
    }
  }

  private static String another(Path file) throws Exception {
    Process taker =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElseThrow(),
                "-cp",
                System.getProperty("java.class.path"),
                Taker.class.getName(),
                file.toString())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    return new String(taker.getInputStream().readAllBytes(), UTF_8).strip();
  }

  @Test
  void aRefusedAttemptOfThisProcessDoesNotLoosenIt() throws Exception {
    Path file = folder.resolve("lock");
    try (ProcessLock _ = ProcessLock.acquire(file, ProcessLockTest::inUse)) {
      assertThatThrownBy(() -> ProcessLock.acquire(file, ProcessLockTest::inUse))
          .hasMessage("held by this process");
      assertThat(another(file)).isEqualTo("held by process " + ProcessHandle.current().pid());
    }
    assertThat(another(file)).isEqualTo("taken");
  }

  @Test
  void closingTwiceDoesNotTakeItFromTheNext() throws IOException {
    Path file = folder.resolve("lock");
    ProcessLock first = ProcessLock.acquire(file, ProcessLockTest::inUse);
    first.close();
    try (ProcessLock _ = ProcessLock.acquire(file, ProcessLockTest::inUse)) {
      first.close();
      assertThatThrownBy(() -> ProcessLock.acquire(file, ProcessLockTest::inUse))
          .hasMessage("held by this process");
    }
  }
}
