package io.attune.cli.data;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.cli.ExitCode;
import io.attune.cli.Run;
import io.attune.document.Document;
import io.attune.document.DocumentArray;
import io.attune.document.file.DocumentFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataCommandsTest {
  private static final String NEWS =
      """
      source,question,answer,wrong_answer
      a,Is it safe?,Yes.,No.
      a,How far apart?,Two metres.,Yes.
      b,Is it safe?,No.,
      b,Which masks?,Any.,Two metres.
      c,When does it end?,"Nobody
      knows.",Any.
      c,Who pays?,,Any.
      """;

  @TempDir private Path folder;

  @Test
  void theHelpDeskIsWrittenAsTrainingAndTestFiles() throws IOException {
    Run run = Run.of("data", "qa", folder.resolve("desk").toString());
    assertThat(run.code()).as(run.err()).isEqualTo(ExitCode.OK);
    DocumentArray train = DocumentFile.read(folder.resolve("desk/train.csv"));
    DocumentArray test = DocumentFile.read(folder.resolve("desk/test.csv"));
    assertThat(train.size()).isEqualTo(504);
    assertThat(test.size()).isEqualTo(504);
    assertThat(column(train, "anchor")).doesNotContainAnyElementsOf(column(test, "anchor"));
    assertThat(column(train, "positive")).hasSize(252).isEqualTo(column(test, "positive"));
    assertThat(train.get(0).tag("negative")).isEmpty();
    assertThat(DocumentFile.read(folder.resolve("desk/corpus.csv")).size()).isEqualTo(1008);
  }

  @Test
  void groupsStayOnOneSideAndRowsKeepTheirWrongAnswers() throws IOException {
    Path news = Files.writeString(folder.resolve("news.csv"), NEWS);
    Run run = Run.of("data", "qa", folder.toString(), "--data=" + news, "--split-by=source");
    assertThat(run.code()).as(run.err()).isEqualTo(ExitCode.OK);
    // CRC-32 orders the values c, b, a; the first question is a's, which comes first in the file
    DocumentArray test = DocumentFile.read(folder.resolve("test.csv"));
    DocumentArray train = DocumentFile.read(folder.resolve("train.csv"));
    assertThat(column(test, "anchor")).containsExactly("When does it end?", "Which masks?");
    assertThat(column(train, "anchor")).containsExactly("How far apart?", "Is it safe?");
    assertThat(column(train, "positive")).containsExactly("No.", "Two metres.", "Yes.");
    assertThat(test.get(1).tag("positive").orElseThrow().getStringValue())
        .isEqualTo("Nobody\nknows.");
    assertThat(test.get(1).tag("negative").orElseThrow().getStringValue()).isEqualTo("Any.");
  }

  @Test
  void aSplitNeedsItsColumnAndACorpusOfOnesOwn() throws IOException {
    Path news = Files.writeString(folder.resolve("news.csv"), NEWS);
    Run without = Run.of("data", "qa", folder.toString(), "--split-by=source");
    assertThat(without.code()).isEqualTo(ExitCode.USAGE);
    assertThat(without.err()).contains("--split-by: source (expected: with --data");
    Run unknown = Run.of("data", "qa", folder.toString(), "--data=" + news, "--split-by=publisher");
    assertThat(unknown.code()).isEqualTo(ExitCode.USAGE);
    assertThat(unknown.err()).contains("publisher: none of question \"Is it safe?\"");
  }

  @Test
  void covidQaIsFinetunersToyData() throws IOException {
    Path news = Files.writeString(folder.resolve("news.csv"), NEWS);
    Path toy = folder.resolve("toy.jsonl");
    Run run = Run.of("data", "covid-qa", news.toString(), toy.toString(), "--num-neg=2");
    assertThat(run.code()).as(run.err()).isEqualTo(ExitCode.OK);
    assertThat(run.err()).contains("1 rows without an answer are left out");
    DocumentArray documents = DocumentFile.read(toy);
    assertThat(documents.size()).isEqualTo(5);
    Document first = documents.get(0);
    assertThat(first.text()).isEqualTo("Is it safe?");
    assertThat(first.matches().get(0).text()).isEqualTo("Yes.");
    assertThat(first.matches().get(1).text()).isEqualTo("No.");
    assertThat(first.matches().get(0).tag("finetuner_label").orElseThrow().getNumberValue())
        .isEqualTo(1);
    Run ids =
        Run.of(
            "data",
            "covid-qa",
            news.toString(),
            toy.toString(),
            "--to-ndarray",
            "--max-seq-len=7",
            "--is-testset=false",
            "--num-total=1");
    assertThat(ids.code()).as(ids.err()).isEqualTo(ExitCode.OK);
    DocumentArray odd = DocumentFile.read(toy);
    assertThat(odd.size()).isEqualTo(1);
    assertThat(odd.get(0).tensor().orElseThrow().shape()).containsExactly(7);
    assertThat(odd.get(0).tag("question").orElseThrow().getStringValue())
        .isEqualTo("How far apart?");
  }

  private static Set<String> column(DocumentArray rows, String name) {
    Set<String> values = new TreeSet<>();
    rows.forEach(row -> values.add(row.tag(name).orElseThrow().getStringValue()));
    return values;
  }
}
