package io.attune.cli.hello;

import com.google.protobuf.Value;
import io.attune.cli.hello.QaCorpus.Answer;
import io.attune.cli.hello.QaCorpus.Question;
import io.attune.cli.hello.QaCorpus.Split;
import io.attune.document.Document;
import io.attune.document.file.CsvFormat;
import io.attune.document.file.DocumentFile;
import io.attune.document.file.DocumentReader;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.zip.CRC32;

/// Reads a [QaCorpus]: the built-in help desk, or a CSV file with a header that names `question`
/// and `answer`, and perhaps `wrong_answer`; other columns are left alone.
final class QaCorpusReader {
  private static final CsvFormat FORMAT =
      CsvFormat.standard().map("question", "tags__question").map("answer", "tags__answer");

  private QaCorpusReader() {}

  /// The help desk of a made-up bike rental, written for this project.
  static QaCorpus helpDesk() throws IOException {
    List<Answer> answers = new ArrayList<>();
    for (Document row : resource("answers.csv")) {
      answers.add(new Answer(row.id(), cell(row, "topic"), cell(row, "answer")));
    }
    List<Question> questions = new ArrayList<>();
    for (Document row : resource("questions.csv")) {
      questions.add(
          new Question(
              cell(row, "question"),
              Set.of(cell(row, "answer_id")),
              "",
              Split.valueOf(cell(row, "split").toUpperCase(Locale.ROOT))));
    }
    return new QaCorpus("help-desk", answers, questions);
  }

  /// A CSV file of questions and answers. Equal answers are one document, equal questions one
  /// question with several right answers; rows without a question or an answer are left out. A
  /// question's side of the split follows from its text alone, half of them on each side.
  ///
  /// @throws FlowException where no row has a question and an answer
  /// @throws io.attune.document.file.FileFormatException where the file is not such a CSV
  static QaCorpus csv(Path file) throws IOException {
    Rows rows = new Rows();
    try (DocumentReader reader = DocumentFile.reader(file, FORMAT)) {
      reader.forEachRemaining(rows::add);
    }
    if (rows.questions.isEmpty()) {
      throw FlowException.invalid(file + ": no row with a question and an answer");
    }
    return rows.corpus(Objects.toString(file.getFileName()));
  }

  /// What the rows of a file make.
  private static final class Rows {
    private final Map<String, Answer> answers = new LinkedHashMap<>();
    private final Map<String, Set<String>> questions = new LinkedHashMap<>();
    private final Map<String, String> wrong = new LinkedHashMap<>();

    void add(Document row) {
      String question = cell(row, "question");
      String answer = cell(row, "answer");
      if (question.isEmpty() || answer.isEmpty()) {
        return;
      }
      questions.computeIfAbsent(question, _ -> new LinkedHashSet<>()).add(idOf(answer));
      String wrongAnswer = cell(row, "wrong_answer");
      if (!wrongAnswer.isEmpty()) {
        wrong.putIfAbsent(question, idOf(wrongAnswer));
      }
    }

    private String idOf(String text) {
      return answers
          .computeIfAbsent(
              text, _ -> new Answer("answer-%04d".formatted(answers.size() + 1), "", text))
          .id();
    }

    QaCorpus corpus(String name) {
      List<Question> split = new ArrayList<>();
      questions.forEach((text, ids) -> {
        String wrongId = wrong.getOrDefault(text, "");
        split.add(new Question(text, ids, ids.contains(wrongId) ? "" : wrongId, splitOf(text)));
      });
      return new QaCorpus(name, List.copyOf(answers.values()), split);
    }
  }

  /// The side of a question: a hash of its lower-case text, so that no edit of the file moves it.
  static Split splitOf(String question) {
    CRC32 hash = new CRC32();
    hash.update(question.strip().toLowerCase(Locale.ROOT).getBytes(StandardCharsets.UTF_8));
    return (hash.getValue() & 1) == 0 ? Split.TRAIN : Split.TEST;
  }

  private static String cell(Document row, String column) {
    return row.tag(column).map(Value::getStringValue).orElse("").strip();
  }

  private static List<Document> resource(String name) throws IOException {
    List<Document> rows = new ArrayList<>();
    try (DocumentReader reader =
        DocumentFile.reader(
            Objects.requireNonNull(QaCorpusReader.class.getResourceAsStream(name), name),
            name,
            CsvFormat.standard())) {
      reader.forEachRemaining(rows::add);
    }
    return rows;
  }
}
