package io.attune.cli.data;

import io.attune.cli.Console;
import io.attune.cli.ExitCode;
import io.attune.cli.Require;
import io.attune.document.DocumentArray;
import io.attune.document.file.DocumentFile;
import io.attune.trainer.data.toy.CovidQa;
import io.attune.trainer.data.toy.CovidQaOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `attune data covid-qa`: the toy data of Finetuner's question-answering tutorials, of the CSV
/// that they use or any other of its columns.
@Command(
    name = "covid-qa",
    description =
        "Write a document for each question of a CSV with columns question, answer and"
            + " wrong_answer, its answers as labelled matches, as Finetuner's generate_qa_match"
            + " makes it.",
    mixinStandardHelpOptions = true)
final class DataCovidQaCommand implements Callable<Integer> {
  private final Console console;

  @Parameters(index = "0", paramLabel = "FILE.csv", description = "The questions and answers.")
  private Path csv = Path.of("");

  @Parameters(
      index = "1",
      paramLabel = "FILE",
      description = "What is written: .jsonl, or docarray's .bin.")
  private Path file = Path.of("");

  @Option(names = "--num-total", description = "The most documents (default: ${DEFAULT-VALUE}).")
  private int total = CovidQaOptions.DEFAULTS.total();

  @Option(
      names = "--num-neg",
      description =
          "Negative matches of each document, the wrong answer first; with 0 there is no positive"
              + " match either (default: ${DEFAULT-VALUE}).")
  private int negatives = CovidQaOptions.DEFAULTS.negatives();

  @Option(
      names = "--pos-value",
      description = "The label of the positive match (default: ${DEFAULT-VALUE}).")
  private int positive = CovidQaOptions.DEFAULTS.positive();

  @Option(
      names = "--neg-value",
      description = "The label of negative matches (default: ${DEFAULT-VALUE}).")
  private int negative = CovidQaOptions.DEFAULTS.negative();

  @Option(
      names = "--to-ndarray",
      description = "The content is the ids of the words, not the text.")
  private boolean toNdarray;

  @Option(
      names = "--max-seq-len",
      description = "How many ids, padded on the left (default: ${DEFAULT-VALUE}).")
  private int maxSeqLen = CovidQaOptions.DEFAULTS.maxSeqLen();

  @Option(
      names = "--is-testset",
      paramLabel = "true|false",
      arity = "1",
      description = "Only the even rows, or only the odd ones (default: all).")
  private @Nullable Boolean testset;

  @Option(names = "--seed", description = "For the negatives (default: ${DEFAULT-VALUE}).")
  private long seed = CovidQaOptions.DEFAULTS.seed();

  DataCovidQaCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException {
    Require.folderOf("FILE", file);
    CovidQaOptions options =
        CovidQaOptions.DEFAULTS
            .withTotal(total)
            .withNegatives(negatives, seed)
            .withLabels(positive, negative)
            .withToNdarray(toNdarray)
            .withMaxSeqLen(maxSeqLen)
            .withTestset(testset);
    CovidQa data = CovidQa.read(csv);
    DocumentArray documents = data.generate(options);
    DocumentFile.write(file, documents);
    console.print("%s: %,d documents".formatted(file, documents.size()));
    if (data.emptyRows() > 0) {
      console.note("%d rows without an answer are left out".formatted(data.emptyRows()));
    }
    return ExitCode.OK;
  }
}
