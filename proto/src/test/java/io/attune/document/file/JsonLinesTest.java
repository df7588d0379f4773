package io.attune.document.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.document.Document;
import io.attune.document.DocumentArray;
import io.attune.document.Golden;
import io.attune.document.NdArray;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonLinesTest {
  private static final JsonLines FORMAT = new JsonLines();

  @Test
  void readsALineForEachDocument() throws IOException {
    DocumentArray documents =
        Contents.read("\uFEFF{\"text\": \"a\"}\r\n\n  \t\r\n{\"id\": \"b\", \"n\": 5}", FORMAT);

    assertThat(documents).hasSize(2);
    assertThat(documents.getFirst().text()).isEqualTo("a");
    assertThat(documents.getFirst().id()).matches("[0-9a-f]{32}");
    assertThat(documents.get(1).id()).isEqualTo("b");
    assertThat(documents.get(1).tag("n").orElseThrow().getNumberValue()).isEqualTo(5);
  }

  @Test
  void nothingIsNoDocuments() throws IOException {
    assertThat(Contents.read("", FORMAT)).isEmpty();
    assertThat(Contents.read("\n\r\n", FORMAT)).isEmpty();
    assertThat(Contents.read("\uFEFF", FORMAT)).isEmpty();
  }

  @Test
  void givesBackWhatWasWritten() throws IOException {
    DocumentArray documents = Golden.array("file_documents.bin");

    DocumentArray read = Contents.read(Contents.write(documents, FORMAT), FORMAT);

    assertThat(read.get(0).toProto()).isEqualTo(documents.get(0).toProto());
    assertThat(read.get(1).toProto()).isEqualTo(documents.get(1).toProto());
    assertThat(read.get(2).chunks().toProto()).isEqualTo(documents.get(2).chunks().toProto());
    assertThat(read.get(2).embedding().orElseThrow().floats())
        .isEqualTo(documents.get(2).embedding().orElseThrow().floats());
  }

  @Test
  void givesBackNumbersThatJsonLacks() throws IOException {
    Document document =
        Document.create()
            .embedding(NdArray.of(new float[] {Float.NaN, Float.NEGATIVE_INFINITY, -0f}));

    Document read = Contents.read(Contents.write(List.of(document), FORMAT), FORMAT).getFirst();

    assertThat(read.embedding().orElseThrow().floats())
        .isEqualTo(document.embedding().orElseThrow().floats());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      value = {
        "{}\\n{\"text\": 5}~file:2: /text: 5 (expected: a text) at column 10",
        "{}\\n\\n[]~file:3: json: a list (expected: an object) at column 1",
        "null~file:1: json: null (expected: an object) at column 1",
        "{\"text\": \"a\"~file:1: malformed JSON: ",
        "{} {}~file:1: json: an object (expected: nothing after the document) at column 4",
        "{\"text\": \"a\\0b\"}~file:1: malformed JSON: ",
        "question,answer~file:1: malformed JSON: ",
        "{\"embedding\": [1, [2]]}~file:1: /embedding/1: a list (expected: lists of one depth) at column 19",
      })
  void refusesWhatIsWrongWithItsLine(String content, String message) {
    String text = content.replace("\\n", "\n").replace("\\0", "\0");
    assertThatThrownBy(() -> Contents.read(text, FORMAT))
        .isInstanceOf(FileFormatException.class)
        .hasMessageStartingWith(message);
  }

  @Test
  void refusesBytesThatAreNoUtf8() {
    byte[] latin = Contents.utf8("{}\n{\"text\": \"?\"}\n");
    latin[13] = (byte) 0xE9;

    assertThatThrownBy(() -> Contents.read(latin, FORMAT))
        .isInstanceOf(FileFormatException.class)
        .hasMessage("file:2: bytes that are no UTF-8");
  }

  @Test
  void refusesALineOverTheBoundBeforeItIsInMemory() throws IOException {
    try (DocumentReader reader =
        new JsonLinesReader(Source.of(Contents.endless("{}\n", '{'), "file"), 1 << 20)) {
      reader.next();
      assertThatThrownBy(reader::hasNext)
          .isInstanceOf(FileFormatException.class)
          .hasMessage("file:2: a line of more than 1048576 bytes");
      assertThat(reader.position()).isLessThan(3 << 20);
    }
  }

  @Test
  void readsALineOfTheBound() throws IOException {
    byte[] content = Contents.utf8("{\"id\":\"a\"}\n{\"id\":\"ab\"}\n");
    try (DocumentReader reader =
        new JsonLinesReader(Source.of(new ByteArrayInputStream(content), "file"), 10)) {
      assertThat(reader.next().id()).isEqualTo("a");
      assertThatThrownBy(reader::next).hasMessage("file:2: a line of more than 10 bytes");
    }
  }

  @Test
  void refusesWhatIsNestedTooDeeply() {
    String chunks = "{\"chunks\":[".repeat(10_000);
    assertThatThrownBy(() -> Contents.read(chunks, FORMAT))
        .isInstanceOf(FileFormatException.class)
        .hasMessageContaining("nested deeper than 32");
    String tags = "{\"tags\":" + "{\"a\":".repeat(10_000);
    assertThatThrownBy(() -> Contents.read(tags, FORMAT))
        .isInstanceOf(FileFormatException.class)
        .hasMessageContaining("nested deeper than 16");
    assertThatThrownBy(() -> Contents.read("[".repeat(100_000), FORMAT))
        .isInstanceOf(FileFormatException.class);
    assertThatThrownBy(() -> Contents.read("{\"tensor\":" + "[".repeat(100_000), FORMAT))
        .isInstanceOf(FileFormatException.class);
  }

  @Test
  void linesLongerThanTheBufferAreRead() throws IOException {
    StringBuilder content = new StringBuilder();
    for (int i = 0; i < 20; i++) {
      content.append("{\"text\":\"").append("ä".repeat(i * 9_000)).append("\"}\n");
    }

    DocumentArray documents = Contents.read(content.toString(), FORMAT);

    assertThat(documents).hasSize(20);
    for (int i = 0; i < 20; i++) {
      assertThat(documents.get(i).text()).hasSize(i * 9_000);
    }
  }
}
