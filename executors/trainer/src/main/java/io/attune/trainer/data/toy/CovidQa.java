package io.attune.trainer.data.toy;

import io.attune.document.Document;
import io.attune.document.DocumentArray;
import io.attune.document.NdArray;
import io.attune.document.file.CsvFormat;
import io.attune.document.file.DocumentFile;
import io.attune.document.file.DocumentReader;
import io.attune.document.file.FileFormatException;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.trainer.data.SplitMix;
import io.attune.trainer.data.Tags;
import io.attune.trainer.data.vocabulary.WordVocabulary;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The Covid QA data of Jina's chatbot demo and Finetuner's tutorials: a document for each
/// question, with its answer and wrong answers as labelled matches, as Finetuner's
/// `generate_qa_match` makes it.
///
/// A CSV file with a header and the columns `question`, `answer` and `wrong_answer`; line breaks in
/// cells become line feeds. Rows with an empty answer are left out. The words' ids are those of all
/// rows: every question, then every answer, then every wrong answer.
///
/// A document has tags `question`, `answer` and `wrong_answer`. Where its content is ids
/// (`to_ndarray`, int64), its matches have their text in tag `text`.
public final class CovidQa {
  private final List<Row> rows;
  private final WordVocabulary vocabulary;
  private final int empty;

  private record Row(int number, String question, String answer, String wrongAnswer) {}

  private CovidQa(List<Row> rows, WordVocabulary vocabulary, int empty) {
    this.rows = rows;
    this.vocabulary = vocabulary;
    this.empty = empty;
  }

  /// Reads the file.
  ///
  /// @throws FlowException (INVALID_ARGUMENT) naming the line and what is expected
  public static CovidQa read(Path csv) {
    List<Row> all = new ArrayList<>();
    CsvFormat format = CsvFormat.standard();
    try (DocumentReader reader = DocumentFile.reader(csv, format)) {
      while (reader.hasNext()) {
        Document row = reader.next();
        all.add(
            new Row(
                all.size(),
                cell(row, "question", reader),
                cell(row, "answer", reader),
                cell(row, "wrong_answer", reader)));
      }
    } catch (FileFormatException e) {
      throw new FlowException(ErrorCode.INVALID_ARGUMENT, String.valueOf(e.getMessage()), e);
    } catch (IOException | UncheckedIOException e) {
      throw new FlowException(
          ErrorCode.INVALID_ARGUMENT, csv + ": cannot be read: " + e.getMessage(), e);
    }
    List<String> texts = new ArrayList<>(3 * all.size());
    all.forEach(row -> texts.add(row.question));
    all.forEach(row -> texts.add(row.answer));
    all.forEach(row -> texts.add(row.wrongAnswer));
    List<Row> rows = all.stream().filter(row -> !row.answer.isEmpty()).toList();
    return new CovidQa(rows, WordVocabulary.of(texts), all.size() - rows.size());
  }

  private static String cell(Document row, String column, DocumentReader reader) {
    String cell = row.tag(column).map(value -> value.getStringValue()).orElse("");
    if (cell.isEmpty() && column.equals("question")) {
      throw FlowException.invalid(reader.place() + ": question: none (expected: a text)");
    }
    return cell.replace("\r\n", "\n").replace('\r', '\n');
  }

  /// The ids of all rows' words.
  public WordVocabulary vocabulary() {
    return vocabulary;
  }

  /// How many rows were left out, for their answer is empty.
  public int emptyRows() {
    return empty;
  }

  /// The documents.
  public DocumentArray generate(CovidQaOptions options) {
    Boolean testset = options.testset();
    List<Row> chosen =
        rows.stream()
            .filter(row -> testset == null || testset == (row.number % 2 == 0))
            .limit(options.total())
            .toList();
    DocumentArray documents = DocumentArray.of();
    for (int i = 0; i < chosen.size(); i++) {
      documents.add(document(chosen, i, options));
    }
    return documents;
  }

  private Document document(List<Row> chosen, int index, CovidQaOptions options) {
    Row row = chosen.get(index);
    Document document =
        content(Document.create(), row.question, options)
            .tag("question", row.question)
            .tag("answer", row.answer)
            .tag("wrong_answer", row.wrongAnswer);
    if (options.negatives() > 0) {
      document.matches().add(match(row.answer, options.positive(), options));
      for (String negative : negatives(chosen, index, options)) {
        document.matches().add(match(negative, options.negative(), options));
      }
    }
    return document;
  }

  /// The wrong answer, then other rows' answers: `num_neg` rows are drawn without replacement, the
  /// row itself is passed over.
  private static List<String> negatives(List<Row> chosen, int index, CovidQaOptions options) {
    List<String> negatives = new ArrayList<>();
    Row row = chosen.get(index);
    if (!row.wrongAnswer.isEmpty()) {
      negatives.add(row.wrongAnswer);
    }
    int[] order = new int[chosen.size()];
    Arrays.setAll(order, i -> i);
    SplitMix.of(options.seed(), row.number).shuffle(order, 0, order.length);
    int drawn = Math.min(options.negatives(), order.length);
    for (int i = 0; i < drawn && negatives.size() < options.negatives(); i++) {
      if (order[i] != index) {
        negatives.add(chosen.get(order[i]).answer);
      }
    }
    return negatives;
  }

  private Document match(String text, int label, CovidQaOptions options) {
    Document match = content(Document.create(), text, options).tag(Tags.LABEL, label);
    return options.toNdarray() ? match.tag("text", text) : match;
  }

  private Document content(Document document, String text, CovidQaOptions options) {
    return options.toNdarray()
        ? document.tensor(NdArray.of(vocabulary.encode(text, options.maxSeqLen())))
        : document.text(text);
  }
}
