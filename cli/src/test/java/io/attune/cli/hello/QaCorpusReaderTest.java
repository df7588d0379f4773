package io.attune.cli.hello;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.groups.Tuple.tuple;

import io.attune.cli.hello.QaCorpus.Answer;
import io.attune.cli.hello.QaCorpus.Question;
import io.attune.cli.hello.QaCorpus.Split;
import io.attune.document.file.FileFormatException;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QaCorpusReaderTest {
  @TempDir private Path folder;

  @Test
  void helpDeskIsAsLargeAndAsVariedAsPromised() throws IOException {
    QaCorpus corpus = QaCorpusReader.helpDesk();
    Set<String> ids = corpus.answers().stream().map(Answer::id).collect(Collectors.toSet());
    assertThat(ids).hasSameSizeAs(corpus.answers()).hasSizeGreaterThanOrEqualTo(240);
    assertThat(corpus.answers().stream().map(Answer::topic).distinct().count())
        .isGreaterThanOrEqualTo(12);
    Map<String, Long> asked =
        corpus.questions().stream()
            .flatMap(question -> question.answerIds().stream())
            .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
    assertThat(asked.keySet()).isEqualTo(ids);
    assertThat(asked.values()).allMatch(count -> count >= 4);
  }

  @Test
  void helpDeskAsksNoQuestionTwice() throws IOException {
    Set<String> seen = new HashSet<>();
    for (Question question : QaCorpusReader.helpDesk().questions()) {
      assertThat(seen.add(question.text().toLowerCase(Locale.ROOT))).as(question.text()).isTrue();
    }
  }

  @Test
  void everyHelpDeskAnswerIsTrainedAndTested() throws IOException {
    QaCorpus corpus = QaCorpusReader.helpDesk();
    for (Split split : Split.values()) {
      assertThat(
              corpus.questions(split).stream()
                  .flatMap(question -> question.answerIds().stream())
                  .distinct()
                  .count())
          .as(split.name())
          .isEqualTo(corpus.answers().size());
    }
  }

  @Test
  void readsCsvWithMultilineCellsAndGroupsEqualQuestions() throws IOException {
    Path file =
        write(
            """
            source,question,answer
            a,What?,"one,
            two"
            b,What?,three
            c,,nobody asked
            d,When?,three
            """);
    QaCorpus corpus = QaCorpusReader.csv(file);
    assertThat(corpus.answers()).extracting(Answer::text).containsExactly("one,\ntwo", "three");
    assertThat(corpus.questions())
        .extracting(Question::text, question -> question.answerIds().size())
        .containsExactly(tuple("What?", 2), tuple("When?", 1));
  }

  @Test
  void takesTextsThatDifferInLineEndsForOne() throws IOException {
    QaCorpus corpus =
        QaCorpusReader.csv(write("question,answer\nWhat?,\"one,\r\ntwo\"\nWhen?,\"one,\ntwo\"\n"));
    assertThat(corpus.answers()).extracting(Answer::text).containsExactly("one,\ntwo");
    assertThat(corpus.questions()).hasSize(2);
  }

  @Test
  void refusesMissingColumnsRaggedRowsAndForeignBytes() throws IOException {
    assertRefused("q,a\nx,y\n", "file.csv:1: mapping of column");
    assertRefused("question,answer\nx\n", "file.csv:2");
    assertRefused("question,answer\n\"x,y\n", "file.csv:2");
    Path binary = folder.resolve("binary.csv");
    Files.write(binary, new byte[] {(byte) 0xC3, 0x28, '\n'});
    assertThatThrownBy(() -> QaCorpusReader.csv(binary))
        .isInstanceOf(FileFormatException.class)
        .hasMessageContaining("UTF-8");
    assertThatThrownBy(() -> QaCorpusReader.csv(write("question,answer\n")))
        .hasMessageContaining("no row with a question and an answer");
  }

  @Test
  void refusesACorpusWithoutAQuestionToScore() {
    // the CRC-32 of "what?" and of "who?" is even
    assertThatThrownBy(() -> QaCorpusReader.csv(write("question,answer\nWhat?,this\nWho?,me\n")))
        .isInstanceOf(FlowException.class)
        .hasMessageContaining("file.csv: 2 questions, none of them for scoring (expected: more");
  }

  @Test
  void knowsTheWrongAnswerOfAQuestion() throws IOException {
    QaCorpus corpus =
        QaCorpusReader.csv(
            write("question,answer,wrong_answer\nWho?,me,you\nWhy?,so,\nWhen?,now,now\n"));
    assertThat(corpus.answers()).extracting(Answer::text).containsExactly("me", "you", "so", "now");
    assertThat(corpus.questions())
        .extracting(Question::wrongAnswerId)
        .containsExactly("answer-0002", "", "");
  }

  private void assertRefused(String csv, String message) {
    assertThatThrownBy(() -> QaCorpusReader.csv(write(csv)))
        .isInstanceOf(FileFormatException.class)
        .hasMessageContaining(message);
  }

  private Path write(String text) throws IOException {
    return Files.writeString(folder.resolve("file.csv"), text);
  }
}
