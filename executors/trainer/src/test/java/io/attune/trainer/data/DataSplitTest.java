package io.attune.trainer.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.attune.document.Document;
import io.attune.document.file.DocumentFile;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataSplitTest {
  @TempDir private Path folder;

  private Path file(String name, String... lines) throws IOException {
    return Files.write(folder.resolve(name), List.of(lines));
  }

  private static List<String> texts(TrainingData data) {
    List<String> texts = new ArrayList<>();
    data.documents().forEach(document -> texts.add(document.text()));
    return texts;
  }

  private static Set<String> ends(TrainingData data) {
    Set<String> ends = new HashSet<>();
    texts(data).forEach(text -> ends.add(text.substring(text.indexOf('-') + 1)));
    return ends;
  }

  /// Questions and answers of 20 sources, five rows each.
  private Path sources() throws IOException {
    List<String> lines = new ArrayList<>(List.of("question,source,answer,wrong"));
    for (int i = 0; i < 100; i++) {
      int source = i % 20;
      lines.add("q%d-%d,%d,a%d-%d,w-%d".formatted(i, source, source, i, source, source));
    }
    return file("qa.csv", lines.toArray(String[]::new));
  }

  private static DataOptions bySource() {
    return DataOptions.DEFAULTS.withColumns("question", "answer", "wrong").withSplitBy("source");
  }

  @Test
  void rowsOfOneGroupAreOnOneSide() throws IOException {
    try (DataSplit split = DataSplit.read(List.of(sources()), bySource(), 0.2, 1)) {
      assertThat(ends(split.training()))
          .hasSize(16)
          .doesNotContainAnyElementsOf(ends(split.heldOut()));
      assertThat(ends(split.heldOut())).hasSize(4);
      assertThat(split.heldOut().report().rows()).isEqualTo(20);
      assertThat(split.training().report().rows()).isEqualTo(80);
      assertThat(split.training().leakage(split.heldOut()).normalized()).isZero();
      assertThat(split.lines())
          .containsExactly("held out for val_loss: 20 of 100 rows, in 4 of 20 groups of source");
      assertThat(split.training().dataset()).isInstanceOf(Dataset.Sessions.class);
    }
  }

  @Test
  void theSeedDecidesWhichGroups() throws IOException {
    Set<Set<String>> held = new HashSet<>();
    Path sources = sources();
    for (long seed : new long[] {1, 2, 3, 1, 2, 3}) {
      try (DataSplit split = DataSplit.read(List.of(sources), bySource(), 0.2, seed)) {
        held.add(ends(split.heldOut()));
      }
    }
    assertThat(held).hasSize(3);
  }

  @Test
  void withoutAColumnWhatSharesATextStaysTogether() throws IOException {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      lines.add("a%d-%d,b%d-%d".formatted(i, i, i, i));
      lines.add("B%d-%d ,c%d-%d".formatted(i, i, i, i));
    }
    Path pairs = file("pairs.csv", lines.toArray(String[]::new));
    try (DataSplit split = DataSplit.read(List.of(pairs), DataOptions.DEFAULTS, 0.25, 5)) {
      assertThat(split.heldOut().report().rows()).isEqualTo(20);
      assertThat(ends(split.heldOut())).doesNotContainAnyElementsOf(ends(split.training()));
    }
  }

  @Test
  void labelsStayTogetherUnlessThereAreFew() throws IOException {
    List<String> many = new ArrayList<>();
    List<String> few = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      many.add("text%d-%d,%d".formatted(i, i % 12, i % 12));
      few.add("text%d-%d,%d".formatted(i, i % 3, i % 3));
    }
    DataOptions labeled = DataOptions.DEFAULTS.withLabeled(true);
    Path manyLabels = file("many.csv", many.toArray(String[]::new));
    Path fewLabels = file("few.csv", few.toArray(String[]::new));
    try (DataSplit split = DataSplit.read(List.of(manyLabels), labeled, 0.25, 1)) {
      assertThat(ends(split.heldOut()))
          .hasSize(3)
          .doesNotContainAnyElementsOf(ends(split.training()));
    }
    try (DataSplit split = DataSplit.read(List.of(fewLabels), labeled, 0.25, 1)) {
      assertThat(split.heldOut().size()).isEqualTo(15);
      assertThat(ends(split.heldOut())).isEqualTo(ends(split.training()));
    }
  }

  @Test
  void matchesOfDocumentsSayWhatBelongs() throws IOException {
    List<Document> documents = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      Document root = Document.ofText("root-" + i / 2);
      root.matches(
          List.of(
              Document.ofText("good" + i + "-" + i / 2).tag(Tags.LABEL, 1),
              Document.ofText("bad" + i + "-" + i / 2).tag(Tags.LABEL, -1)));
      documents.add(root);
    }
    Path file = folder.resolve("matches.jsonl");
    DocumentFile.write(file, documents);
    try (DataSplit split = DataSplit.read(List.of(file), DataOptions.DEFAULTS, 0.2, 1)) {
      assertThat(ends(split.heldOut()))
          .hasSize(2)
          .doesNotContainAnyElementsOf(ends(split.training()));
      Dataset.Sessions sessions = (Dataset.Sessions) split.training().dataset();
      assertThat(sessions.count()).isEqualTo(16);
      assertThat(sessions.roles()).contains(Supervision.Sessions.POSITIVE);
      assertThat(sessions.roles()).contains(Supervision.Sessions.NEGATIVE);
    }
  }

  @Test
  void whatDoesNotBelongAndWhatIsEmptyKeepNothingTogether() throws IOException {
    List<Document> documents = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      Document root = Document.ofText("root-" + i);
      root.matches(
          List.of(
              Document.ofText("good-" + i).tag(Tags.LABEL, 1),
              Document.ofText("good-" + (i + 1) % 20).tag(Tags.LABEL, "-1"),
              Document.ofText(" ").tag(Tags.LABEL, 1)));
      documents.add(root);
    }
    Path file = folder.resolve("matches.jsonl");
    DocumentFile.write(file, documents);
    try (DataSplit split = DataSplit.read(List.of(file), DataOptions.DEFAULTS, 0.2, 1)) {
      assertThat(split.lines())
          .containsExactly("held out for val_loss: 4 of 20 rows, in 4 of 20 groups");
    }
    Path rows = file("rows.csv", "anchor,positive", "a,", "b,", "c,x", "d,y", "e,z", "f,w");
    try (DataSplit split = DataSplit.read(List.of(rows), DataOptions.DEFAULTS, 0.5, 1)) {
      assertThat(split.lines())
          .containsExactly("held out for val_loss: 3 of 6 rows, in 3 of 6 groups");
    }
  }

  @Test
  void filesOfOneFormAreReadAsOne() throws IOException {
    Path first = file("first.csv", "a,b", "c,d");
    Path second = file("second.csv", "b,e");
    try (TrainingData data = TrainingData.read(List.of(first, second), DataOptions.DEFAULTS)) {
      assertThat(texts(data)).containsExactly("a", "b", "c", "d", "e");
      assertThat(((Dataset.Classes) data.dataset()).labels()).containsExactly(0, 0, 1, 1, 0);
      assertThat(data.report().lines().getFirst()).startsWith("first.csv, second.csv: 3 rows");
    }
    Path other = file("other.csv", "a,b,c");
    assertThatThrownBy(() -> TrainingData.read(List.of(first, other), DataOptions.DEFAULTS))
        .isInstanceOf(FlowException.class)
        .hasMessageContaining("other.csv")
        .hasMessageContaining("form triplets (expected: pairs, as in the first file)");
  }

  @Test
  void whatCannotBeHeldOutIsRefused() throws IOException {
    Path one = file("one.csv", "text,label,source", "a,1,x", "b,1,x", "c,2,x");
    DataOptions labeled = DataOptions.DEFAULTS.withColumns("text", "label").withLabeled(true);
    assertThatThrownBy(() -> DataSplit.read(List.of(one), labeled.withSplitBy("source"), 0.4, 1))
        .hasMessageContaining("val_split: 0.4 of 3 rows, whose smallest group has 3");
    assertThatThrownBy(() -> DataSplit.read(List.of(one), labeled.withSplitBy("sauce"), 0.4, 1))
        .hasMessageContaining("one.csv:1")
        .hasMessageContaining("expected: column \"sauce\" in it, for split_by");
  }

  @Test
  void theCovidQuestionsAreDividedBySource() {
    String shared = System.getProperty("attune.shared", "");
    Path news = Path.of(shared, "data", "covid-qa", "news.csv");
    assumeTrue(!shared.isEmpty() && Files.exists(news), "no covid-qa in attune.shared");
    DataOptions options =
        DataOptions.DEFAULTS
            .withColumns("question", "answer", "wrong_answer")
            .withSplitBy("source");
    try (DataSplit split = DataSplit.read(List.of(news), options, 0.25, 1)) {
      assertThat((double) split.heldOut().report().rows()).isCloseTo(481 * 0.25, within(40.0));
      assertThat(split.training().report().rows() + split.heldOut().report().rows()).isEqualTo(481);
    }
  }
}
