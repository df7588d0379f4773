package io.attune.trainer.data.toy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.attune.document.Document;
import io.attune.document.DocumentArray;
import io.attune.trainer.data.DataOptions;
import io.attune.trainer.data.Dataset;
import io.attune.trainer.data.Tags;
import io.attune.trainer.data.TrainingData;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class CovidQaTest {
  /// Six rows, the fifth without an answer. Seen twice in all: what, is, a, virus, it, wash, hands.
  private static final String SMALL =
      """
      source,url,question,answer,wrong_answer
      s,u,What is a virus?,"A virus, it is
      small.",Wash hands!
      s,u,What?,It!,
      s,u,Who?,Me: wash,virus
      s,u,Where?,There,hands
      s,u,Why?,,
      s,u,How?,Somehow,No
      """;

  private static final CovidQaOptions TEXT = CovidQaOptions.DEFAULTS.withToNdarray(false);

  @TempDir private Path folder;

  private CovidQa small() throws IOException {
    return CovidQa.read(Files.writeString(folder.resolve("news.csv"), SMALL));
  }

  private static List<String> texts(DocumentArray documents) {
    return documents.stream().map(Document::text).toList();
  }

  private static double label(Document match) {
    return match.tag(Tags.LABEL).orElseThrow().getNumberValue();
  }

  @Test
  void wordsAreNumberedOverQuestionsThenAnswersThenWrongAnswers() throws IOException {
    CovidQa data = small();
    assertThat(data.vocabulary().ids().keySet())
        .containsExactly("what", "is", "a", "virus", "it", "wash", "hands");
    Document first = data.generate(CovidQaOptions.DEFAULTS.withMaxSeqLen(6)).getFirst();
    assertThat(first.tensor().orElseThrow().longs()).containsExactly(0, 0, 2, 3, 4, 5);
    assertThat(first.tensor().orElseThrow().dtype().numpyName()).isEqualTo("<i8");
    assertThat(first.tag("question").orElseThrow().getStringValue()).isEqualTo("What is a virus?");
    Document short_ = data.generate(CovidQaOptions.DEFAULTS.withMaxSeqLen(2)).getFirst();
    assertThat(short_.tensor().orElseThrow().longs()).containsExactly(4, 5);
  }

  @Test
  void rowsWithoutAnAnswerAreLeftOutAndParityIsOfTheFile() throws IOException {
    CovidQa data = small();
    assertThat(data.emptyRows()).isEqualTo(1);
    assertThat(texts(data.generate(TEXT)))
        .containsExactly("What is a virus?", "What?", "Who?", "Where?", "How?");
    assertThat(texts(data.generate(TEXT.withTestset(true))))
        .containsExactly("What is a virus?", "Who?");
    assertThat(texts(data.generate(TEXT.withTestset(false))))
        .containsExactly("What?", "Where?", "How?");
    assertThat(data.generate(TEXT.withTotal(2))).hasSize(2);
  }

  @Test
  void matchesAreOnlyThereWithNegatives() throws IOException {
    CovidQa data = small();
    assertThat(data.generate(TEXT)).allMatch(document -> document.matchCount() == 0);
    for (Document document : data.generate(TEXT.withNegatives(1, 0).withLabels(5, 7))) {
      assertThat(document.matches().getFirst().text())
          .isEqualTo(document.tag("answer").orElseThrow().getStringValue());
      assertThat(label(document.matches().getFirst())).isEqualTo(5);
      assertThat(document.matches()).hasSizeBetween(1, 2);
    }
    Document first = data.generate(TEXT.withNegatives(1, 0)).getFirst();
    assertThat(texts(first.matches())).containsExactly("A virus, it is\nsmall.", "Wash hands!");
    assertThat(label(first.matches().get(1))).isEqualTo(-1);
  }

  @Test
  void moreNegativesAreOtherRowsAnswers() throws IOException {
    CovidQa data = small();
    Set<String> drawn = new HashSet<>();
    for (int seed = 0; seed < 30; seed++) {
      Document first = data.generate(TEXT.withNegatives(3, seed)).getFirst();
      List<String> negatives = texts(first.matches()).subList(1, first.matchCount());
      assertThat(negatives).hasSize(3).doesNotHaveDuplicates().startsWith("Wash hands!");
      assertThat(negatives).doesNotContain("A virus, it is\nsmall.");
      drawn.addAll(negatives);
    }
    assertThat(drawn)
        .containsExactlyInAnyOrder("Wash hands!", "It!", "Me: wash", "There", "Somehow");
  }

  @Test
  void itIsASessionDataset() throws IOException {
    DocumentArray documents = small().generate(TEXT.withNegatives(2, 0));
    try (TrainingData data = TrainingData.of(documents, DataOptions.DEFAULTS)) {
      assertThat(((Dataset.Sessions) data.dataset()).count()).isEqualTo(5);
    }
  }

  @Test
  void aFileWithoutItsColumnsIsRefused() throws IOException {
    Path file = Files.writeString(folder.resolve("other.csv"), "a,b\nc,d\n");
    assertThatThrownBy(() -> CovidQa.read(file))
        .hasMessage("other.csv:2: question: none (expected: a text)");
  }

  /// Against an independent statement of Finetuner's semantics in Python, covid_qa.py.
  @Test
  void theRealFileIsAsFinetunerMadeIt() throws IOException, NoSuchAlgorithmException {
    Path csv = Path.of(System.getProperty("attune.shared", ""), "data/covid-qa/news.csv");
    assumeThat(csv).as("Covid QA is not here").exists();
    CovidQa data = CovidQa.read(csv);
    JsonNode expected;
    try (InputStream in = CovidQaTest.class.getResourceAsStream("covid_qa.json")) {
      expected = JsonMapper.shared().readTree(in);
    }
    assertThat(data.vocabulary().ids()).hasSize(expected.get("kept").asInt());
    assertThat(data.generate(TEXT.withTestset(true))).hasSize(expected.get("even").asInt());
    assertThat(data.generate(TEXT.withTestset(false))).hasSize(expected.get("odd").asInt());
    DocumentArray documents = data.generate(CovidQaOptions.DEFAULTS);
    assertThat(documents).hasSize(expected.get("used").asInt());
    for (String column : List.of("question", "answer", "wrong_answer")) {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (Document document : documents) {
        String text = document.tag(column).orElseThrow().getStringValue();
        long[] ids = data.vocabulary().encode(text, 100);
        ByteBuffer bytes = ByteBuffer.allocate(800).order(ByteOrder.LITTLE_ENDIAN);
        LongStream.of(ids).forEach(bytes::putLong);
        digest.update(bytes.array());
      }
      assertThat(HexFormat.of().formatHex(digest.digest()))
          .as(column)
          .isEqualTo(expected.get(column).get("sha256").asString());
    }
    assertThat(documents.get(100).tensor().orElseThrow().longs())
        .isEqualTo(longs(expected.get("question").get("row_100")));
  }

  private static long[] longs(JsonNode array) {
    long[] values = new long[array.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = array.get(i).asLong();
    }
    return values;
  }
}
