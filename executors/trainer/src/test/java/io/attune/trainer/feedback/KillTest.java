package io.attune.trainer.feedback;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.document.Document;
import java.io.BufferedReader;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What was answered before a process was killed is there afterwards.
@Timeout(120)
class KillTest {
  private static final int ROUNDS = 4;
  private static final long SEED = 20260711;

  @TempDir private Path folder;
  private final TreeSet<Integer> judged = new TreeSet<>();
  private final TreeSet<Integer> undone = new TreeSet<>();
  private final TreeSet<Integer> deleted = new TreeSet<>();

  @Test
  void nothingThatWasAnsweredIsLost() throws Exception {
    Random random = new Random(SEED);
    for (int round = 0; round < ROUNDS; round++) {
      killed(round * 1_000_000, 20 + random.nextInt(60));
      check();
    }
    assertThat(judged.size()).isGreaterThan(20 * ROUNDS / 3);
  }

  /// A process that is killed after some lines.
  private void killed(int first, int lines) throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                KilledMain.class.getName(),
                folder.toString(),
                String.valueOf(first))
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try (BufferedReader out = process.inputReader()) {
      for (int told = 0; told < lines; ) {
        told += note(out.readLine()) ? 1 : 0;
      }
      var _ = process.toHandle().destroyForcibly();
      out.lines().forEach(this::note);
      var _ = process.waitFor();
    }
  }

  private boolean note(String line) {
    assertThat(line).as("the process ended by itself").isNotNull();
    int space = line.lastIndexOf(' ');
    if (line.startsWith("answered: ")) {
      int number = Integer.parseInt(line.substring(space + 1));
      switch (line.substring(10, space)) {
        case "judged" -> judged.add(number);
        case "undone" -> undone.add(number);
        case "deleted" -> deleted.add(number);
        default -> throw new AssertionError(line);
      }
      return true;
    }
    return false; // of the log
  }

  private void check() {
    try (FeedbackHarness feedback = new FeedbackHarness(folder, Map.of())) {
      Map<String, List<Document>> exported = new HashMap<>();
      feedback.export().forEach(query -> exported.put(query.text(), query.matches()));
      for (int i : judged) {
        Integer next = judged.higher(i);
        boolean isLast = next == null || next != i + 1; // more may have been done to it, unanswered
        List<String> ids =
            exported.getOrDefault("query " + i, List.of()).stream().map(Document::id).toList();
        if (!deleted.contains(i) && !isLast) {
          assertThat(ids).contains("a" + i);
        }
        if (!undone.contains(i) && !isLast) {
          assertThat(ids).contains("b" + i);
        }
        if (undone.contains(i)) {
          assertThat(ids).doesNotContain("b" + i);
        }
      }
      for (int i : deleted) {
        assertThat(FeedbackHarness.holds(folder, "text of a" + i + "\"")).isFalse();
      }
    }
  }
}
