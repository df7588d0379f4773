package io.attune.cli.hello;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QaAttemptsTest {
  @TempDir private Path folder;

  @Test
  void countsOnTheSameQuestionsAndBeginsAnewWithTwiceAsMany() throws IOException {
    assertThat(QaAttempts.next(folder, 100)).isEqualTo(1);
    assertThat(QaAttempts.next(folder, 100)).isEqualTo(2);
    assertThat(QaAttempts.next(folder, 199)).as("mostly the same ones").isEqualTo(3);
    assertThat(QaAttempts.next(folder, 60)).isEqualTo(4);
    assertThat(QaAttempts.next(folder, 200)).isEqualTo(1);
    assertThat(QaAttempts.next(folder, 200)).isEqualTo(2);
  }

  @Test
  void saysThatItIsDamaged() throws IOException {
    Files.writeString(folder.resolve("attempts"), "often");
    assertThatThrownBy(() -> QaAttempts.next(folder, 100))
        .hasMessageContaining("attempts (expected: two numbers; remove it to begin anew)");
  }
}
