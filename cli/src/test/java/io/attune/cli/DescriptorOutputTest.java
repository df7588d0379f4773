package io.attune.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Writing to a descriptor, beside others that write to the same one.
class DescriptorOutputTest {
  private static final int NEVER_OPEN = 1 << 20;

  @TempDir Path folder;

  @Test
  void takesTurnsWithOthers() throws IOException {
    Path file = folder.resolve("log");
    String many = "ü".repeat(100_000);
    try (FileOutputStream other = new FileOutputStream(file.toFile());
        PrintStream ours =
            new PrintStream(new DescriptorOutput(descriptor(file)), true, StandardCharsets.UTF_8)) {
      other.write("one\n".getBytes(StandardCharsets.UTF_8));
      ours.println("two");
      ours.print("");
      ours.println(many);
      other.write("three\n".getBytes(StandardCharsets.UTF_8));
      ours.write('4');
    }
    assertThat(file).hasContent("one\ntwo\n" + many + "\nthree\n4");
  }

  @Test
  void whatIsNotOpenIsAnError() {
    assertThatThrownBy(() -> new DescriptorOutput(NEVER_OPEN).write('a'))
        .isInstanceOf(IOException.class)
        .hasMessage("descriptor %d: error 9", NEVER_OPEN);
  }

  private static int descriptor(Path file) throws IOException {
    try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
      return open.filter(each -> isLinkTo(each, file))
          .mapToInt(each -> Integer.parseInt(each.getFileName().toString()))
          .findFirst()
          .orElseThrow();
    }
  }

  private static boolean isLinkTo(Path link, Path file) {
    try {
      return Files.readSymbolicLink(link).equals(file.toRealPath());
    } catch (IOException _) {
      return false; // closed since it was listed
    }
  }
}
