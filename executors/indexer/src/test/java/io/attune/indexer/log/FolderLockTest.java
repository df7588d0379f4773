package io.attune.indexer.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FolderLockTest {
  private static final LogOptions OPTIONS = LogOptions.of("0/1").withMinFreeBytes(0);

  @TempDir Path parent;

  /// Holds a folder until its standard input ends.
  static final class Holder {
    public static void main(String[] arguments) throws IOException {
      try (IndexLog _ = IndexLog.open(Path.of(arguments[0]), OPTIONS)) {
        System.out.println("holding");
        while (System.in.read() >= 0) {
          // until the parent lets go or dies
        }
      }
    }
  }

  @Test
  void refusesAFolderThatAnotherProcessHolds() throws Exception {
    Path folder = parent.resolve("a/b/log");
    Process holder =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElseThrow(),
                "-cp",
                System.getProperty("java.class.path"),
                Holder.class.getName(),
                folder.toString())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try (BufferedReader output = holder.inputReader(UTF_8)) {
      assertThat(output.readLine()).isEqualTo("holding");
      assertThatThrownBy(() -> IndexLog.open(folder, OPTIONS))
          .isInstanceOfSatisfying(
              FlowException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.FAILED_PRECONDITION))
          .hasMessageContaining(folder + " is in use by process " + holder.pid());
      // a refused attempt must not loosen the holder's lock
      assertThatThrownBy(() -> IndexLog.open(folder, OPTIONS)).hasMessageContaining("is in use");
    } finally {
      holder.destroyForcibly();
      holder.waitFor();
    }
    IndexLog.open(folder, OPTIONS).close();
  }

  @Test
  void knowsAFolderUnderAnotherName() throws IOException {
    Path folder = parent.resolve("log");
    Path link = Files.createSymbolicLink(parent.resolve("link"), folder);
    try (IndexLog _ = IndexLog.open(folder, OPTIONS)) {
      assertThatThrownBy(() -> IndexLog.open(link, OPTIONS)).hasMessageContaining("is in use");
    }
  }

  @Test
  void aFailedOpenReleasesTheFolder() throws IOException {
    Path folder = parent.resolve("log");
    IndexLog.open(folder, OPTIONS).close();
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> IndexLog.open(folder, LogOptions.of("7/9")))
          .hasMessageContaining("shard 7/9");
    }
    IndexLog.open(folder, OPTIONS).close();
  }
}
