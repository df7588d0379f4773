package io.attune.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LineFileTest {
  @TempDir private Path folder;
  private Path path = Path.of("");
  private LineFile file = new LineFile(path);

  @BeforeEach
  void name() {
    path = folder.resolve("lines");
    file = new LineFile(path);
  }

  @Test
  void aReaderSeesWholeLinesOnceEach() throws IOException {
    LineFile.Tail tail = file.tail();
    assertThat(tail.next()).isEmpty();
    file.append("one");
    file.append("zwei\nzeilen");
    assertThat(tail.next()).containsExactly("one", "zwei zeilen");
    assertThat(tail.next()).isEmpty();
    Files.writeString(path, "th", StandardOpenOption.APPEND);
    assertThat(tail.next()).isEmpty();
    Files.writeString(path, "ree\nfou", StandardOpenOption.APPEND);
    assertThat(tail.next()).containsExactly("three");
    assertThat(file.lines()).containsExactly("one", "zwei zeilen", "three");
  }

  @Test
  void theNextWriterCutsOffATornLine() throws IOException {
    file.mend();
    file.append("whole");
    Files.writeString(path, "tor", StandardOpenOption.APPEND);
    file.mend();
    file.append("next");
    assertThat(file.lines()).containsExactly("whole", "next");
    Files.writeString(path, "torn from the start");
    file.mend();
    assertThat(path).isEmptyFile();
  }
}
