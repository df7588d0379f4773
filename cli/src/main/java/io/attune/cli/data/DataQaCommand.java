package io.attune.cli.data;

import io.attune.cli.Console;
import io.attune.cli.ExitCode;
import io.attune.cli.hello.QaCorpus;
import io.attune.cli.hello.QaCorpus.Question;
import io.attune.cli.hello.QaCorpus.Split;
import io.attune.cli.hello.QaCorpusReader;
import io.attune.document.Document;
import io.attune.document.file.CsvFormat;
import io.attune.document.file.DocumentFile;
import io.attune.document.file.DocumentWriter;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `attune data qa`: the two sides of a corpus of questions and answers as CSV files of anchors
/// with their positives, and with negatives where answers are known to be wrong.
@Command(
    name = "qa",
    description =
        "Write DIR/train.csv and DIR/test.csv: each question with its answer, and with a wrong one"
            + " where the corpus names some. No question is in both. DIR/corpus.csv has all of them,"
            + " with columns question, answer and wrong_answer.",
    mixinStandardHelpOptions = true)
final class DataQaCommand implements Callable<Integer> {
  private final Console console;

  @Parameters(paramLabel = "DIR", description = "The folder; made where it is not there.")
  private Path folder = Path.of("");

  @Option(
      names = "--data",
      paramLabel = "FILE.csv",
      description =
          "Another corpus than the help desk of attune hello qa: a CSV with a header that names"
              + " question, answer, and perhaps wrong_answer.")
  private @Nullable Path data;

  @Option(
      names = "--split-by",
      paramLabel = "COLUMN",
      description =
          "Keep rows with one value of this column on one side, a third of the questions in the"
              + " test file; without, the text of a question decides, half and half.")
  private String splitBy = "";

  DataQaCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException {
    if (data == null && !splitBy.isEmpty()) {
      throw FlowException.invalid(
          "--split-by: %s (expected: with --data; the help desk has its own split)"
              .formatted(splitBy));
    }
    QaCorpus corpus = data == null ? QaCorpusReader.helpDesk() : QaCorpusReader.csv(data, splitBy);
    Files.createDirectories(folder);
    boolean wrong = corpus.questions().stream().anyMatch(one -> !one.wrongAnswerId().isEmpty());
    List<String> columns =
        wrong ? List.of("anchor", "positive", "negative") : List.of("anchor", "positive");
    write("train.csv", columns, corpus.questions(Split.TRAIN), corpus);
    write("test.csv", columns, corpus.questions(Split.TEST), corpus);
    write("corpus.csv", List.of("question", "answer", "wrong_answer"), corpus.questions(), corpus);
    return ExitCode.OK;
  }

  /// A row for each question and right answer: the columns are those, and a wrong answer.
  private void write(String name, List<String> columns, List<Question> questions, QaCorpus corpus)
      throws IOException {
    Map<String, Integer> places = new HashMap<>();
    corpus.answers().forEach(answer -> places.put(answer.id(), places.size()));
    Path file = folder.resolve(name);
    CsvFormat format = CsvFormat.standard().columns(columns.toArray(String[]::new));
    try (DocumentWriter writer = DocumentFile.writer(file, format)) {
      for (Question question : questions) {
        Integer wrong = places.get(question.wrongAnswerId());
        // in the order of the corpus, the same every time
        for (int right : question.answerIds().stream().map(places::get).sorted().toList()) {
          Document row = Document.create().tag(columns.get(0), question.text());
          row.tag(columns.get(1), corpus.answers().get(right).text());
          if (columns.size() > 2) {
            row.tag(columns.get(2), wrong == null ? "" : corpus.answers().get(wrong).text());
          }
          writer.write(row);
        }
      }
    }
    console.print("%s: %,d questions".formatted(file, questions.size()));
  }
}
