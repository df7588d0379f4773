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
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.zip.CRC32;

/// Reads a [QaCorpus]: the built-in help desk, or a CSV file with a header that names `question`
/// and `answer`, and perhaps `wrong_answer`; other columns are left alone.
public final class QaCorpusReader {
  private static final CsvFormat FORMAT =
      CsvFormat.standard().map("question", "tags__question").map("answer", "tags__answer");

  private QaCorpusReader() {}

  /// The help desk of a made-up bike rental, written for this project.
  public static QaCorpus helpDesk() throws IOException {
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
  /// @throws FlowException where no row has a question and an answer, or no question is for scoring
  /// @throws io.attune.document.file.FileFormatException where the file is not such a CSV
  public static QaCorpus csv(Path file) throws IOException {
    return csv(file, "");
  }

  /// The same, where rows with one value of a column are on one side: in the order of a hash of
  /// their values, groups are for scoring until a third of the questions is.
  ///
  /// @param group the column; empty for none
  /// @throws FlowException where a row has no value of it
  public static QaCorpus csv(Path file, String group) throws IOException {
    Rows rows = new Rows(group);
    try (DocumentReader reader = DocumentFile.reader(file, FORMAT)) {
      reader.forEachRemaining(rows::add);
    }
    if (rows.questions.isEmpty()) {
      throw FlowException.invalid(file + ": no row with a question and an answer");
    }
    QaCorpus corpus = rows.corpus(Objects.toString(file.getFileName()));
    if (corpus.questions(Split.TEST).isEmpty()) {
      throw FlowException.invalid(
          "%s: %d questions, none of them for scoring (expected: more questions; a hash of its text says of each on which side it is)"
              .formatted(file, corpus.questions().size()));
    }
    return corpus;
  }

  /// What the rows of a file make.
  private static final class Rows {
    private final Map<String, Answer> answers = new LinkedHashMap<>();
    private final Map<String, Set<String>> questions = new LinkedHashMap<>();
    private final Map<String, String> wrong = new LinkedHashMap<>();
    private final Map<String, String> groups = new LinkedHashMap<>();
    private final String group;

    Rows(String group) {
      this.group = group;
    }

    void add(Document row) {
      String question = cell(row, "question");
      String answer = cell(row, "answer");
      if (question.isEmpty() || answer.isEmpty()) {
        return;
      }
      if (!group.isEmpty()) {
        groups.putIfAbsent(question, groupOf(row, question));
      }
      questions.computeIfAbsent(question, _ -> new LinkedHashSet<>()).add(idOf(answer));
      String wrongAnswer = cell(row, "wrong_answer");
      if (!wrongAnswer.isEmpty()) {
        wrong.putIfAbsent(question, idOf(wrongAnswer));
      }
    }

    private String groupOf(Document row, String question) {
      String value = cell(row, group);
      if (value.isEmpty()) {
        throw FlowException.invalid(
            "%s: none of question \"%s\" (expected: a column with a value in each row)"
                .formatted(group, question));
      }
      return value;
    }

    private String idOf(String text) {
      return answers
          .computeIfAbsent(
              text, _ -> new Answer("answer-%04d".formatted(answers.size() + 1), "", text))
          .id();
    }

    QaCorpus corpus(String name) {
      Set<String> testGroups = testGroups();
      List<Question> split = new ArrayList<>();
      questions.forEach((text, ids) -> {
        String wrongId = wrong.getOrDefault(text, "");
        String own = groups.get(text);
        Split side =
            own == null ? splitOf(text) : testGroups.contains(own) ? Split.TEST : Split.TRAIN;
        split.add(new Question(text, ids, ids.contains(wrongId) ? "" : wrongId, side));
      });
      return new QaCorpus(name, List.copyOf(answers.values()), split);
    }

    private Set<String> testGroups() {
      Map<String, Long> sizes =
          groups.values().stream()
              .collect(
                  Collectors.groupingBy(Function.identity(), TreeMap::new, Collectors.counting()));
      List<String> order = new ArrayList<>(sizes.keySet());
      order.sort(Comparator.comparingLong(QaCorpusReader::hash));
      Set<String> chosen = new HashSet<>();
      long questions = 0;
      for (String one : order) {
        if (3 * questions < groups.size() && chosen.size() < order.size() - 1) {
          chosen.add(one);
          questions += sizes.getOrDefault(one, 0L);
        }
      }
      return chosen;
    }
  }

  /// The side of a question: a hash of its lower-case text, so that no edit of the file moves it.
  static Split splitOf(String question) {
    return (hash(question) & 1) == 0 ? Split.TRAIN : Split.TEST;
  }

  private static long hash(String text) {
    CRC32 hash = new CRC32();
    hash.update(text.strip().toLowerCase(Locale.ROOT).getBytes(StandardCharsets.UTF_8));
    return hash.getValue();
  }

  /// Files end lines in two ways, at times both in one file; texts that differ in nothing else are
  /// one text.
  private static String cell(Document row, String column) {
    return row.tag(column).map(Value::getStringValue).orElse("").replace("\r\n", "\n").strip();
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
