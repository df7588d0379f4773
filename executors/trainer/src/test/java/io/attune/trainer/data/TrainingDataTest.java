package io.attune.trainer.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.document.Document;
import io.attune.runtime.FlowException;
import io.attune.trainer.data.Dataset.Classes;
import io.attune.trainer.data.Dataset.ScoredPairs;
import io.attune.trainer.data.Dataset.Sessions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrainingDataTest {
  private static final DataOptions DEFAULTS = DataOptions.DEFAULTS;

  @TempDir private Path folder;

  private Path file(String name, String content) throws IOException {
    return Files.writeString(folder.resolve(name), content);
  }

  private TrainingData csv(String content, DataOptions options) throws IOException {
    return TrainingData.read(file("train.csv", content), options);
  }

  private void assertRefused(String content, DataOptions options, String message) {
    assertThatThrownBy(() -> csv(content, options))
        .isInstanceOf(FlowException.class)
        .hasMessage(message);
  }

  private static List<String> texts(TrainingData data) {
    List<String> texts = new ArrayList<>();
    data.documents().forEach(document -> texts.add(document.text()));
    return texts;
  }

  @Test
  void aFileOfTabsIsCutAtTabs() throws IOException {
    Path file = folder.resolve("q.tsv");
    Files.writeString(file, "Hello, how are you?\tFine\nHi, who is it?\tBob\n");
    try (TrainingData data = TrainingData.read(file, DataOptions.DEFAULTS)) {
      assertThat(data.document(0).text()).isEqualTo("Hello, how are you?");
      assertThat(data.document(1).text()).isEqualTo("Fine");
    }
  }

  @Test
  void labelledRowsAreClassesInTheOrderFirstSeen() throws IOException {
    try (TrainingData data = csv("a,y\n\"b,\nc\",x\nd,y\n", DEFAULTS.withLabeled(true))) {
      assertThat(texts(data)).containsExactly("a", "b,\nc", "d");
      Classes classes = (Classes) data.dataset();
      assertThat(classes.labels()).containsExactly(0, 1, 0);
      assertThat(classes.names()).containsExactly("y", "x");
      assertThat(data.document(1).tag(Tags.LABEL).orElseThrow().getStringValue()).isEqualTo("x");
    }
  }

  @Test
  void pairsAreGroupedTransitivelyOverBothColumns() throws IOException {
    // By the left column only, as Finetuner groups, "b" and "c" would be apart from "d" and "e".
    try (TrainingData data = csv("a,b\nc,b\nd,e\ne,a\nf,g\n", DEFAULTS)) {
      assertThat(texts(data)).containsExactly("a", "b", "c", "d", "e", "f", "g");
      assertThat(((Classes) data.dataset()).labels()).containsExactly(0, 0, 0, 0, 0, 1, 1);
      assertThat(data.report().groups()).isEqualTo(2);
    }
  }

  @Test
  void aThirdColumnOfNumbersIsAScore() throws IOException {
    try (TrainingData data = csv("a,b,0.5\nb,c,1\n", DEFAULTS)) {
      ScoredPairs pairs = (ScoredPairs) data.dataset();
      assertThat(pairs.left()).containsExactly(0, 1);
      assertThat(pairs.right()).containsExactly(1, 2);
      assertThat(pairs.scores()).containsExactly(0.5f, 1f);
    }
  }

  @Test
  void aThirdColumnOfTextIsANegativeAndRowsOfOneAnchorAreOneSession() throws IOException {
    try (TrainingData data = csv("q,p,n\nr,s,p\nQ ,t,n\n", DEFAULTS)) {
      Sessions sessions = (Sessions) data.dataset();
      assertThat(sessions.starts()).containsExactly(0, 4, 7);
      assertThat(texts(data)).containsExactly("q", "p", "n", "r", "s", "t");
      assertThat(sessions.items()).containsExactly(0, 1, 5, 2, 3, 4, 1);
      assertThat(sessions.roles()).containsExactly(0, 1, 1, -1, 0, 1, -1);
    }
  }

  @Test
  void columnsAreChosenByTheHeader() throws IOException {
    String csv = "source,question,answer,wrong_answer\nx,q,a,w\ny,r,b,v\n";
    try (TrainingData data = csv(csv, DEFAULTS.withColumns("question", "answer", "wrong_answer"))) {
      assertThat(texts(data)).containsExactly("q", "a", "w", "r", "b", "v");
      assertThat(data.report().form()).isEqualTo(DataForm.TRIPLETS);
    }
    try (TrainingData data =
        csv(csv, DEFAULTS.withColumns("answer", "question").withForm(DataForm.ANCHORED))) {
      assertThat(texts(data)).containsExactly("a", "q", "b", "r");
    }
  }

  @Test
  void aHeaderOfKnownNamesIsFoundAndSaid() throws IOException {
    try (TrainingData data = csv("label,text\ny,a\ny,b\n", DEFAULTS)) {
      assertThat(texts(data)).containsExactly("a", "b");
      assertThat(data.report().lines()).contains("the first row names the columns: label, text");
    }
    try (TrainingData data = csv("text,label\ny,a\n", DEFAULTS.withHeader(false))) {
      assertThat(texts(data)).containsExactly("text", "label", "y", "a");
    }
  }

  @Test
  void delimitersAreFoundUnlessTold() throws IOException {
    try (TrainingData data = csv("a, b\tc\nd\te\n", DEFAULTS)) {
      assertThat(texts(data)).containsExactly("a, b", "c", "d", "e");
    }
    try (TrainingData data = csv("a;b\tc\n", DEFAULTS.withDialect("excel-tab"))) {
      assertThat(texts(data)).containsExactly("a;b", "c");
    }
  }

  @Test
  void otherEncodingsAndGzipAreRead() throws IOException {
    Charset latin = StandardCharsets.ISO_8859_1;
    Path plain = Files.write(folder.resolve("a.csv"), "café,thé\n".getBytes(latin));
    Path packed = folder.resolve("b.csv.gz");
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
      gzip.write("café,thé\n".getBytes(latin));
    }
    Files.write(packed, bytes.toByteArray());
    for (Path file : List.of(plain, packed)) {
      try (TrainingData data = TrainingData.read(file, DEFAULTS.withEncoding(latin))) {
        assertThat(texts(data)).containsExactly("café", "thé");
      }
      assertThatThrownBy(() -> TrainingData.read(file, DEFAULTS))
          .isInstanceOf(FlowException.class)
          .hasMessageContaining(":1: bytes in cell 1 that are no UTF-8");
    }
  }

  @Test
  void sizeAndSamplingRateTakeRows() throws IOException {
    StringBuilder rows = new StringBuilder();
    for (int i = 0; i < 1000; i++) {
      rows.append("text ").append(i).append(",").append(i % 7).append('\n');
    }
    DataOptions labeled = DEFAULTS.withLabeled(true);
    try (TrainingData data = csv(rows.toString(), labeled.withSize(10))) {
      assertThat(data.size()).isEqualTo(10);
    }
    try (TrainingData data = csv(rows.toString(), labeled.withSamplingRate(0.3, 7));
        TrainingData again = csv(rows.toString(), labeled.withSamplingRate(0.3, 7));
        TrainingData other = csv(rows.toString(), labeled.withSamplingRate(0.3, 8))) {
      assertThat(data.size()).isBetween(250, 350);
      assertThat(texts(again)).isEqualTo(texts(data));
      assertThat(texts(other)).isNotEqualTo(texts(data));
    }
  }

  @Test
  void linesOfJsonSayWhatTheyAreByTheirKeys() throws IOException {
    Path triplets =
        file(
            "a.jsonl",
            """
            {"anchor": "q", "positive": "p", "negative": "n"}
            """);
    try (TrainingData data = TrainingData.read(triplets, DEFAULTS)) {
      assertThat(data.report().form()).isEqualTo(DataForm.TRIPLETS);
      assertThat(texts(data)).containsExactly("q", "p", "n");
    }
    Path labeled =
        file(
            "b.jsonl",
            """
            {"text": "a", "label": 3}
            {"text": "b", "label": 3}
            """);
    try (TrainingData data = TrainingData.read(labeled, DEFAULTS)) {
      assertThat(((Classes) data.dataset()).names()).containsExactly("3");
    }
    Path other = file("c.jsonl", "{\"text\": \"a\"}\n");
    assertThatThrownBy(() -> TrainingData.read(other, DEFAULTS))
        .hasMessageStartingWith(
            "c.jsonl:1: fields [id, text], tags [] (expected: tag finetuner_label");
    Path missing =
        file("d.jsonl", "{\"anchor\": \"q\", \"positive\": \"p\"}\n{\"anchor\": \"q\"}\n");
    assertThatThrownBy(() -> TrainingData.read(missing, DEFAULTS))
        .hasMessage("d.jsonl:2: positive: none (expected: a text, for form anchored)");
  }

  @Test
  void documentsSayWhatTheyAreByTagsMatchesOrScores() {
    Document question = Document.ofText("q");
    question.matches().add(Document.ofText("p").tag(Tags.LABEL, 1));
    question.matches().add(Document.ofText("n").tag(Tags.LABEL, -1));
    try (TrainingData data = TrainingData.of(List.of(question), DEFAULTS)) {
      assertThat(((Sessions) data.dataset()).roles()).containsExactly(0, 1, -1);
      assertThat(data.document(0).matchCount()).isZero();
    }
    Document labeled = Document.ofText("a").tag(Tags.LABEL, 4);
    try (TrainingData data = TrainingData.of(List.of(labeled), DEFAULTS)) {
      assertThat(((Classes) data.dataset()).names()).containsExactly("4");
    }
    Document scored = Document.create().tag(Tags.SCORE, 0.25);
    scored.chunks().add(Document.ofText("a"));
    scored.chunks().add(Document.ofText("b"));
    try (TrainingData data = TrainingData.of(List.of(scored), DEFAULTS)) {
      assertThat(((ScoredPairs) data.dataset()).scores()).containsExactly(0.25f);
    }
    assertThatThrownBy(
            () -> TrainingData.of(List.of(labeled, Document.ofText("b").id("z")), DEFAULTS))
        .hasMessage("document 1 (z): finetuner_label: none (expected: a text or number)");
  }

  @Test
  void matchLabelsAreTheOnesThatAreTold() {
    Document question = Document.ofText("q").id("z");
    question.matches().add(Document.ofText("p").id("m").tag(Tags.LABEL, 5));
    try (TrainingData data = TrainingData.of(List.of(question), DEFAULTS.withMatchLabels(5, 0))) {
      assertThat(((Sessions) data.dataset()).roles()).containsExactly(0, 1);
    }
    assertThatThrownBy(() -> TrainingData.of(List.of(question), DEFAULTS))
        .hasMessage("document 0 (z): match m: finetuner_label: \"5\" (expected: 1 or -1)");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a,b\\nc,d,e\\n|train.csv:2: 3 cells (expected: 2: sentence1, sentence2)",
        "a,b,2\\n|train.csv:1: score: \"2\" (expected: a number, 0 to 1)",
        "a,b,0\\nc,d,x\\n|train.csv:2: score: \"x\" (expected: a number, 0 to 1)",
        "a\\n|train.csv:1: 1 columns (expected: 2 or 3, or a header and the option columns)",
        "a,\"b\\n|train.csv:1: a quote that is never closed",
      })
  void wrongRowsAreRefusedWithTheirPlace(String csv, String message) {
    assertRefused(csv.replace("\\n", "\n"), DEFAULTS, message);
  }

  @Test
  void impossibleOptionsAreRefused() {
    assertRefused("", DEFAULTS, "train.csv: empty (expected: a row or more)");
    assertRefused(
        "a,\n",
        DEFAULTS.withLabeled(true),
        "train.csv:1: label: none (expected: a text or number)");
    assertRefused(
        "a,b\n1,2\n",
        DEFAULTS.withColumns("a", "z"),
        "train.csv:1: header: a, b (expected: column \"z\" in it)");
    assertRefused(
        "a,b\n",
        DEFAULTS.withForm(DataForm.TRIPLETS),
        "train.csv:1: 2 columns (expected: 3 for form triplets: anchor, positive, negative)");
    assertThatThrownBy(() -> DEFAULTS.withSamplingRate(0, 0))
        .hasMessage("sampling_rate: 0.0 (expected: above 0 to 1)");
    assertThatThrownBy(() -> DEFAULTS.withDialect("tabs"))
        .hasMessage("dialect: \"tabs\" (expected: auto, excel, excel-tab, unix or one delimiter)");
    assertThatThrownBy(() -> DataForm.of("triples"))
        .hasMessageStartingWith("form: \"triples\" (expected: auto, labeled,");
  }

  @Test
  void theReportCountsWhatDeservesALook() throws IOException {
    String rows =
        """
        What is it?,1
        what  is IT?,1
        What is it?,1
        ,2
        Other,2
        other,3
        Alone,4
        """;
    try (TrainingData data = csv(rows, DEFAULTS.withLabeled(true))) {
      DataReport report = data.report();
      assertThat(report.rows()).isEqualTo(7);
      assertThat(report.items()).isEqualTo(6);
      assertThat(report.emptyRows()).isEqualTo(1);
      assertThat(report.duplicates()).isEqualTo(1);
      assertThat(report.nearDuplicates()).isEqualTo(1);
      assertThat(report.conflicts()).isEqualTo(1);
      assertThat(report.leftOut()).isEqualTo(6); // no class has two different texts
      assertThat(report.lengths()).isEqualTo(new Lengths(6, 5, 5, 11, 12));
      assertThat(report.lines())
          .containsExactly(
              "train.csv: 7 rows (labeled), 6 items, 4 classes",
              "length in characters: median 5, 95 % up to 11, longest 12",
              "1 empty rows, left out",
              "1 rows that repeat an earlier one exactly",
              "1 rows that repeat an earlier one but for case and spaces",
              "1 conflicts: texts with different labels",
              "6 items that have nothing to be paired with, in no batch",
              "empty: train.csv:4: no text",
              "conflict: \"other\" has labels 2 and 3");
    }
  }

  @Test
  void aTextThatBelongsAndDoesNotIsAConflict() throws IOException {
    try (TrainingData data = csv("q,a,b\nq,b,c\nr,R,x\n", DEFAULTS)) {
      assertThat(data.report().conflicts()).isEqualTo(1);
      assertThat(data.report().groups()).isEqualTo(1);
      assertThat(data.report().leftOut()).isEqualTo(3);
      Sessions sessions = (Sessions) data.dataset();
      assertThat(sessions.items()).containsExactly(0, 1, 2, 3);
      assertThat(sessions.roles()).containsExactly(0, 1, 1, -1);
    }
  }

  @Test
  void leakageIsCountedExactlyAndNormalised() throws IOException {
    try (TrainingData train = csv("a b,1\nc,1\nd,2\ne,2\n", DEFAULTS.withLabeled(true));
        TrainingData eval =
            TrainingData.read(file("eval.csv", "A  b,1\nc,1\nx,2\n"), DEFAULTS.withLabeled(true))) {
      Leakage leakage = train.leakage(eval);
      assertThat(leakage).isEqualTo(new Leakage(3, 1, 2, List.of("\"A b\"", "\"c\"")));
      assertThat(leakage.lines().getFirst())
          .isEqualTo(
              "leakage: 2 of 3 evaluation items are in the training data (1 letter for letter)");
      assertThat(train.leakage(train).exact()).isEqualTo(4);
    }
  }

  @Test
  void theHashIsOfWhatTheRowsSay() throws IOException {
    try (TrainingData data = csv("a,b\nc,d\n", DEFAULTS);
        TrainingData same = csv("a;b\r\n\"c\";d", DEFAULTS);
        TrainingData other = csv("a,b\nc,e\n", DEFAULTS)) {
      assertThat(data.sha256()).hasSize(64).isEqualTo(same.sha256()).isNotEqualTo(other.sha256());
    }
  }

  @Test
  void nothingIsLeftOnDisk() throws IOException {
    Path scratch = folder.resolve("scratch");
    try (TrainingData data = csv("a,b\n", DEFAULTS.withScratch(scratch))) {
      assertThat(data.document(0).text()).isEqualTo("a");
      assertThat(scratch).isEmptyDirectory();
    }
    assertRefused(
        "a,\"b\n", DEFAULTS.withScratch(scratch), "train.csv:1: a quote that is never closed");
    assertThat(scratch).isEmptyDirectory();
  }
}
