package io.attune.cli.hello;

import io.attune.cli.hello.QaCorpus.Answer;
import io.attune.cli.hello.QaCorpus.Question;
import io.attune.cli.hello.QaCorpus.Split;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
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
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

/// Reads a [QaCorpus]: the built-in help desk, or a CSV file with a header that names `question`
/// and `answer`; other columns are left alone.
final class QaCorpusReader {
  private static final CSVFormat FORMAT =
      CSVFormat.RFC4180.builder().setHeader().setSkipHeaderRecord(true).get();

  private QaCorpusReader() {}

  /// The help desk of a made-up bike rental, written for this project.
  static QaCorpus helpDesk() throws IOException {
    List<Answer> answers = new ArrayList<>();
    for (CSVRecord row : resource("answers.csv")) {
      answers.add(new Answer(row.get("id"), row.get("topic"), row.get("answer")));
    }
    List<Question> questions = new ArrayList<>();
    for (CSVRecord row : resource("questions.csv")) {
      questions.add(
          new Question(
              row.get("question"),
              Set.of(row.get("answer_id")),
              Split.valueOf(row.get("split").toUpperCase(Locale.ROOT))));
    }
    return new QaCorpus("help-desk", answers, questions);
  }

  /// A CSV file of questions and answers. Equal answers are one document, equal questions one
  /// question with several right answers; rows without a question or an answer are left out. A
  /// question's side of the split follows from its text alone, half of them on each side.
  ///
  /// @throws FlowException where the file is not such a CSV
  static QaCorpus csv(Path file) throws IOException {
    Map<String, Answer> answers = new LinkedHashMap<>();
    Map<String, Set<String>> questions = new LinkedHashMap<>();
    try (Reader reader = reader(Files.newInputStream(file));
        CSVParser parser = FORMAT.parse(reader)) {
      requireColumns(file, parser.getHeaderNames());
      for (CSVRecord row : parser) {
        if (!row.isConsistent()) {
          throw FlowException.invalid(
              "%s:%d: %d cells (expected: %d as in the header)"
                  .formatted(
                      file,
                      parser.getCurrentLineNumber(),
                      row.size(),
                      parser.getHeaderNames().size()));
        }
        String question = row.get("question").strip();
        String text = row.get("answer").strip();
        if (!question.isEmpty() && !text.isEmpty()) {
          Answer answer =
              answers.computeIfAbsent(
                  text, _ -> new Answer("answer-%04d".formatted(answers.size() + 1), "", text));
          questions.computeIfAbsent(question, _ -> new LinkedHashSet<>()).add(answer.id());
        }
      }
    } catch (UncheckedIOException failure) {
      throw unreadable(file, Objects.requireNonNullElse(failure.getCause(), failure));
    } catch (CharacterCodingException failure) {
      throw unreadable(file, failure);
    }
    if (questions.isEmpty()) {
      throw FlowException.invalid(file + ": no row with a question and an answer");
    }
    List<Question> split = new ArrayList<>();
    questions.forEach((text, ids) -> split.add(new Question(text, ids, splitOf(text))));
    return new QaCorpus(Objects.toString(file.getFileName()), List.copyOf(answers.values()), split);
  }

  /// The side of a question: a hash of its lower-case text, so that no edit of the file moves it.
  static Split splitOf(String question) {
    CRC32 hash = new CRC32();
    hash.update(question.strip().toLowerCase(Locale.ROOT).getBytes(StandardCharsets.UTF_8));
    return (hash.getValue() & 1) == 0 ? Split.TRAIN : Split.TEST;
  }

  private static void requireColumns(Path file, List<String> header) {
    for (String column : List.of("question", "answer")) {
      if (!header.contains(column)) {
        throw FlowException.invalid(
            "%s:1: columns %s (expected: a header with question and answer)"
                .formatted(file, header));
      }
    }
  }

  private static FlowException unreadable(Path file, Throwable cause) {
    String message = Objects.toString(cause.getMessage(), "not UTF-8");
    return new FlowException(
        ErrorCode.INVALID_ARGUMENT,
        file + ": " + message + " (expected: CSV in UTF-8, RFC 4180)",
        cause);
  }

  private static List<CSVRecord> resource(String name) throws IOException {
    InputStream stream =
        Objects.requireNonNull(QaCorpusReader.class.getResourceAsStream(name), name);
    try (Reader reader = reader(stream);
        CSVParser parser = FORMAT.parse(reader)) {
      return parser.getRecords();
    }
  }

  private static Reader reader(InputStream stream) {
    return new InputStreamReader(
        stream,
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT));
  }
}
