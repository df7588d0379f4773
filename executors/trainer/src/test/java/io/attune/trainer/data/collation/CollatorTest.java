package io.attune.trainer.data.collation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.document.Document;
import io.attune.document.NdArray;
import io.attune.models.TextTokenizer;
import io.attune.models.Tokens;
import io.attune.onnx.ElementType;
import io.attune.trainer.data.Batch;
import io.attune.trainer.data.Supervision.Labels;
import io.attune.trainer.data.Supervision.Sessions;
import io.attune.trainer.data.vocabulary.WordVocabulary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CollatorTest {
  private static final String WORDS = "zero one two three four five six seven eight nine query doc";

  @TempDir private Path folder;
  private TextTokenizer tokenizer;

  @BeforeEach
  void open() throws IOException {
    Path file = folder.resolve("tokenizer.json");
    Files.writeString(file, WordVocabulary.of(List.of(WORDS, WORDS)).toTokenizerJson(20));
    tokenizer = TextTokenizer.open(file, 20);
  }

  @AfterEach
  void close() {
    tokenizer.close();
  }

  private static Map<String, ElementType> inputs() {
    Map<String, ElementType> inputs = new LinkedHashMap<>();
    inputs.put("input_ids", ElementType.INT64);
    inputs.put("attention_mask", ElementType.INT32);
    return inputs;
  }

  private TextCollator collator(int passTokens) {
    return new TextCollator(tokenizer, inputs(), "", "", passTokens);
  }

  private static List<Document> documents(String... texts) {
    List<Document> documents = new ArrayList<>();
    for (String text : texts) {
      documents.add(Document.ofText(text));
    }
    return documents;
  }

  private static long[] values(EncodedBatch part, int input) {
    return ((EncodedInput.Whole) part.inputs().get(input)).values();
  }

  @Test
  void textsArePaddedToTheLongestOfTheirGroup() {
    List<Document> texts =
        documents("one two three four five six seven eight", "one", "two three", "nine");
    Batch batch = new Batch(texts, new int[] {4, 5, 6, 7}, new Labels(new int[] {0, 1, 2, 3}));
    EncodedStep step = collator(3).encode(9, batch);
    assertThat(step.step()).isEqualTo(9);
    assertThat(step.parts()).hasSize(2);
    EncodedBatch first = step.parts().getFirst();
    assertThat(first.rows()).isEqualTo(3);
    assertThat(first.inputs().getFirst().shape()).containsExactly(3, 2);
    assertThat(values(first, 0)).containsExactly(3, 0, 11, 0, 4, 5);
    assertThat(values(first, 1)).containsExactly(1, 0, 1, 0, 1, 1);
    assertThat(values(step.parts().get(1), 0)).containsExactly(3, 4, 5, 6, 7, 8, 9, 10);
    // the batch has come into the order of the rows
    assertThat(step.batch().documents().stream().map(Document::text))
        .containsExactly("one", "nine", "two three", texts.getFirst().text());
    assertThat(step.batch().items()).containsExactly(5, 7, 6, 4);
    assertThat(((Labels) step.batch().supervision()).labels()).containsExactly(1, 3, 2, 0);
  }

  @Test
  void anchorsAreQueries() {
    TextCollator collator = new TextCollator(tokenizer, inputs(), "query ", "doc ", 1000);
    Batch batch =
        new Batch(
            documents("one", "two"),
            new int[] {0, 0},
            new Sessions(new int[] {0, 0}, new byte[] {Sessions.ANCHOR, Sessions.POSITIVE}));
    for (int round = 0; round < 2; round++) { // the second time from the cache
      EncodedBatch part = collator.encode(round, batch).parts().getFirst();
      assertThat(values(part, 0)).containsExactly(12, 3, 13, 4);
    }
  }

  @Test
  void documentsOutsideOfABatchAreDocumentsUnlessTold() {
    TextCollator collator = new TextCollator(tokenizer, inputs(), "query ", "doc ", 1000);
    Encoded encoded = collator.encode(documents("one two", "one"), _ -> false);
    assertThat(encoded.order()).containsExactly(1, 0);
    assertThat(values(encoded.parts().getFirst(), 0)).containsExactly(13, 3, 0, 13, 3, 4);
  }

  @Test
  void aTextWithoutAWordIsOnePositionOfPadding() {
    EncodedBatch part = collator(0).encode(documents("?!"), _ -> false).parts().getFirst();
    assertThat(part.inputs().getFirst().shape()).containsExactly(1, 1);
    assertThat(values(part, 0)).containsExactly(0);
    assertThat(values(part, 1)).containsExactly(0);
  }

  @Test
  void ofAHugeTextOnlyTheStartIsRead() {
    Tokens near = tokenizer.encode("one ", " ".repeat(19_000) + "two");
    assertThat(near.ids()).containsExactly(3, 4);
    assertThat(near.cut()).isFalse();
    Tokens far = tokenizer.encode("one ", " ".repeat(20_000) + "two");
    assertThat(far.ids()).containsExactly(3);
    assertThat(far.cut()).isTrue();
  }

  @Test
  void tensorsAreStacked() {
    List<Document> floats =
        List.of(
            Document.create().tensor(NdArray.of(new float[] {1, 2})),
            Document.create().tensor(NdArray.of(new double[] {3, 4})));
    Encoded encoded = new TensorCollator("x", ElementType.FLOAT).encode(floats, _ -> false);
    EncodedInput.Real real = (EncodedInput.Real) encoded.parts().getFirst().inputs().getFirst();
    assertThat(real.values()).containsExactly(1, 2, 3, 4);
    assertThat(real.shape()).containsExactly(2, 2);
    List<Document> ids = List.of(Document.create().tensor(NdArray.of(new long[] {1, 2}, 1, 2)));
    Encoded whole = new TensorCollator("input_ids", ElementType.INT64).encode(ids, _ -> false);
    assertThat(values(whole.parts().getFirst(), 0)).containsExactly(1, 2);
    assertThat(whole.parts().getFirst().inputs().getFirst().shape()).containsExactly(1, 1, 2);
  }

  @Test
  void documentsThatTheModelCannotReadAreNamed() {
    Document text = Document.ofText("one").id("t");
    Document tensor = Document.create().id("u").tensor(NdArray.of(new float[] {1}));
    Document other = Document.create().id("v").tensor(NdArray.of(new float[] {1, 2}));
    TensorCollator tensors = new TensorCollator("x", ElementType.FLOAT);
    assertThatThrownBy(() -> tensors.encode(List.of(text), _ -> false))
        .hasMessage("document t: [id, text] (expected: a tensor, which this model reads)");
    assertThatThrownBy(() -> tensors.encode(List.of(tensor, other), _ -> false))
        .hasMessage("document v: a tensor of shape [2] (expected: [1], as document u has)");
    assertThatThrownBy(() -> collator(0).encode(List.of(tensor), _ -> false))
        .hasMessage("document u: [id, tensor] (expected: a text, which this model reads)");
    assertThatThrownBy(() -> new TensorCollator("x", ElementType.BOOL))
        .hasMessage("input x: bool (expected: float, int64 or int32)");
    assertThatThrownBy(
            () -> new TextCollator(tokenizer, Map.of("pixels", ElementType.INT64), "", "", 0))
        .hasMessageStartingWith("input pixels: int64 (expected: input_ids,");
  }

  @Test
  void itemsOfOneNumberInTwoDatasetsAreReadAsTheyAre() {
    TextCollator collator = collator(1000);
    Labels labels = new Labels(new int[] {0, 1});
    var _ = collator.encode(0, new Batch(documents("one", "two"), new int[] {0, 1}, labels));
    Batch other = new Batch(documents("three", "four"), new int[] {0, 1}, labels);
    assertThat(values(collator.encode(0, other).parts().getFirst(), 0)).containsExactly(5, 6);
  }

  @Test
  void theCacheTakesNoMoreThanItsShare() {
    Tokens two = tokenizer.encode("one two");
    Tokens one = tokenizer.encode("one");
    TokenCache cache =
        new TokenCache(TokenCache.bytes("one two", two) + TokenCache.bytes("one", one));
    cache.put("one two", true, two);
    cache.put("one two", true, two); // takes no room again
    assertThat(cache.get("one two", false)).isNull();
    cache.put("one two", false, two);
    cache.put("one", false, one);
    cache.put("one", true, one);
    assertThat(cache.get("one two", true)).isEqualTo(two);
    assertThat(cache.get("one", false)).isEqualTo(one);
    assertThat(cache.get("one", true)).isNull();
  }
}
