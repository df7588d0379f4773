package io.attune.cli.hello;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.cli.Console;
import io.attune.cli.hello.QaCorpus.Question;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QaJudgeTest {
  @TempDir private Path folder;
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final List<QaJob.Found> found = new ArrayList<>();

  private Map<QaJob.Found, QaJudge.Said> ask(int most, String typed) throws IOException {
    StringBuilder csv = new StringBuilder("question,answer\n");
    for (int i = 0; i < 8; i++) {
      csv.append("question %d,answer %d%n".formatted(i, i));
    }
    QaCorpus corpus = QaCorpusReader.csv(Files.writeString(folder.resolve("c.csv"), csv));
    List<String> ids = corpus.answers().stream().map(QaCorpus.Answer::id).toList();
    for (Question each : corpus.questions(QaCorpus.Split.TRAIN)) {
      found.add(new QaJob.Found(each, "request of " + each.text(), ids));
    }
    PrintStream print = new PrintStream(err, true, StandardCharsets.UTF_8);
    return new QaJudge(
            new Console(print, print), corpus, new BufferedReader(new StringReader(typed)), most)
        .ask(found);
  }

  @Test
  void takesNumbersNoneSkipsAndEnough() throws IOException {
    Map<QaJob.Found, QaJudge.Said> said = ask(10, "2, 1\n\ns\nq\n");

    assertThat(said.keySet()).containsExactly(found.get(0), found.get(1));
    QaJudge.Said first = said.get(found.get(0));
    List<String> shown = found.get(0).ids().subList(0, 5);
    assertThat(first).isEqualTo(new QaJudge.Said(shown, Set.of(shown.get(1), shown.get(0))));
    assertThat(said.get(found.get(1))).isEqualTo(new QaJudge.Said(shown, Set.of()));
    assertThat(err.toString(StandardCharsets.UTF_8))
        .contains("1/" + found.size() + "  " + found.get(0).question().text())
        .contains("  1  answer ");
  }

  @Test
  void asksAgainForWhatItCannotUnderstand() throws IOException {
    Map<QaJob.Found, QaJudge.Said> said = ask(1, "6\nyes\n3\n");

    assertThat(said).hasSize(1);
    assertThat(said.values().iterator().next().right()).containsExactly(found.get(0).ids().get(2));
    assertThat(err.toString(StandardCharsets.UTF_8))
        .contains("6 (expected: numbers from 1 to 5, s or q)")
        .contains("yes (expected: numbers from 1 to 5, s or q)");
  }

  @Test
  void endsWithTheInputAndAsksNobodyForNone() throws IOException {
    assertThat(ask(3, "1\n")).hasSize(1);
    assertThat(ask(0, "1\n1\n")).isEmpty();
  }
}
