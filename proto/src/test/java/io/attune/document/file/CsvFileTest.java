package io.attune.document.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.attune.document.Document;
import io.attune.document.DocumentArray;
import io.attune.document.NdArray;
import io.attune.document.Score;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CsvFileTest {
  private static final CsvFormat STANDARD = CsvFormat.standard();

  private static void assertRefused(String content, CsvFormat format, String message) {
    assertThatThrownBy(() -> Contents.read(content, format))
        .isInstanceOf(FileFormatException.class)
        .hasMessage(message);
  }

  @Test
  void columnsFillFieldsOrTags() throws IOException {
    Document document =
        Contents.read(
                """
                id,text,uri,mime_type,modality,parent_id,weight,offset,tags__a,tag__b,c
                i,t,u,m,o,p,0.5,-2e1,A,B,C
                """,
                STANDARD)
            .getFirst();

    assertThat(document.id()).isEqualTo("i");
    assertThat(document.text()).isEqualTo("t");
    assertThat(document.uri()).isEqualTo("u");
    assertThat(document.mimeType()).isEqualTo("m");
    assertThat(document.modality()).isEqualTo("o");
    assertThat(document.parentId()).isEqualTo("p");
    assertThat(document.weight()).isEqualTo(0.5f);
    assertThat(document.offset()).isEqualTo(-20f);
    assertThat(document.tags().getFieldsMap()).containsOnlyKeys("a", "b", "c");
    assertThat(document.tag("b").orElseThrow().getStringValue()).isEqualTo("B");
  }

  @Test
  void mappingsSayOtherwise() throws IOException {
    CsvFormat format =
        STANDARD
            .map("question", "text")
            .map("price", "tags__cost:number")
            .map("sold", "tags__sold:boolean")
            .map("text", "-");

    Document document =
        Contents.read("question,price,sold,text\nwhy?, 1.5 ,Yes,drop\n", format).getFirst();

    assertThat(document.text()).isEqualTo("why?");
    assertThat(document.tag("cost").orElseThrow().getNumberValue()).isEqualTo(1.5);
    assertThat(document.tag("sold").orElseThrow().getBoolValue()).isTrue();
    assertThat(document.tags().getFieldsCount()).isEqualTo(2);
  }

  @Test
  void readsWithoutAHeader() throws IOException {
    DocumentArray documents =
        Contents.read("a;1\nb;2", STANDARD.delimiter(";").withoutHeader("text", "n"));

    assertThat(documents).extracting(Document::text).containsExactly("a", "b");
    assertThat(documents.get(1).tag("n").orElseThrow().getStringValue()).isEqualTo("2");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      value = {",~,", ";~;", "|~\\|", "::~::", "ä~ä", "'\t'~'\t'"})
  void readsAnyDelimiter(String delimiter) throws IOException {
    String content = "text,n\n\"a,\"\"b\"\"\",c\n\"x\ny\",z\n".replace(",", delimiter);

    DocumentArray documents = Contents.read(content, STANDARD.delimiter(delimiter));

    assertThat(documents)
        .extracting(Document::text)
        .containsExactly("a" + delimiter + "\"b\"", "x\ny");
  }

  @ParameterizedTest
  @ValueSource(strings = {"\n", "\r\n", "\r"})
  void readsAnyLineEnd(String end) throws IOException {
    String content = "\n\ntext,n\n\n\"a\nb\",1\n\n\nc,2\nd,3".replace("\n", end);

    assertThat(Contents.read(content, STANDARD))
        .extracting(Document::text)
        .containsExactly("a" + end + "b", "c", "d");
  }

  @Test
  void leavesOutAByteOrderMarkInFrontOnly() throws IOException {
    assertThat(Contents.read("\uFEFFtext\n\uFEFFa\n", STANDARD))
        .extracting(Document::text)
        .containsExactly("\uFEFFa");
    assertThat(Contents.read("\uFEFF\"text\"\na\n", STANDARD)).hasSize(1);
  }

  @Test
  void emptyCellsAreUnset() throws IOException {
    Document document = Contents.read("text,weight,n,m\n,,,\"\"\n", STANDARD).getFirst();

    assertThat(document.setFields()).containsExactly("id");
    assertThat(document.id()).matches("[0-9a-f]{32}");
  }

  @Test
  void aNulIsText() throws IOException {
    assertThat(Contents.read("text\na\0b\n", STANDARD).getFirst().text()).isEqualTo("a\0b");
  }

  @Test
  void aHeaderAloneIsNoDocuments() throws IOException {
    assertThat(Contents.read("text,n\r\n", STANDARD)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      value = {
        "~file:1: empty (expected: a header)",
        "\\n\\n~file:1: empty (expected: a header)",
        "text,n\\na,1\\n\\nb~file:4: 1 cells (expected: 2: text, n)",
        "text,n\\na,1,\\n~file:2: 3 cells (expected: 2: text, n)",
        "text,n\\n\"a\\nb\",1\\nc\\n~file:4: 1 cells (expected: 2: text, n)",
        "text,n\\r\\n\"a\\r\\nb\",1\\r\\nc~file:4: 1 cells (expected: 2: text, n)",
        "text,n\\n\"a,1\\nb,2\\n~file:2: a quote that is never closed",
        "text,n\\na,\"1\\nb,2\\n~file:2: a quote that is never closed",
        "text,n\\na,1\\n\"b\" ,2~file:3: text behind the quote that closes cell 1 (expected: a delimiter, or two quotes for one)",
        "text,text\\n~file:1: header: column \"text\" twice (expected: names that differ)",
        "a, a \\n~file:1: header: column \"a\" twice (expected: names that differ)",
        "a,\\n~file:1: header: column 2 without a name (expected: a name, or a mapping of \"\" such as -)",
        "a,tags__a\\n~file:1: column \"tags__a\": fills tags__a, as \"a\" does (expected: something else)",
        "embedding\\n~file:1: column \"embedding\": cannot be read from a cell (expected: map it to a tag or to -)",
        "tags__\\n~file:1: column \"tags__\": a tag without a name (expected: a name)",
        "weight\\nheavy\\n~file:2: weight: \"heavy\" (expected: a number)",
        "weight\\nNaN\\n~file:2: weight: \"NaN\" (expected: a number)",
        "weight\\n1e40\\n~file:2: weight: \"1e40\" (expected: a number within +-3.4e38)",
      })
  void refusesWhatIsWrongWithItsLine(String content, String message) {
    String text = content == null ? "" : content.replace("\\n", "\n").replace("\\r", "\r");
    assertRefused(text, STANDARD, message);
  }

  @Test
  void refusesColumnsThatAreNotThere() {
    assertRefused(
        "a,b\n1,2\n",
        STANDARD.map("question", "text"),
        "file:1: mapping of column \"question\": no such column (expected: one of a, b)");
    assertRefused(
        "a,b\n1,2\n", STANDARD.columns("a", "c"), "file:1: header: columns a, b (expected: a, c)");
    assertRefused(
        "a\nmaybe\n",
        STANDARD.map("a", "tags__a:boolean"),
        "file:2: a: \"maybe\" (expected: true or false)");
  }

  @Test
  void refusesBytesThatAreNoUtf8() {
    byte[] latin = {'t', 'e', 'x', 't', '\n', 'a', '\n', (byte) 0xE9, 't', (byte) 0xE9, '\n'};

    assertThatThrownBy(() -> Contents.read(latin, STANDARD))
        .isInstanceOf(FileFormatException.class)
        .hasMessage("file:3: bytes in cell 1 that are no UTF-8");
    assertThatThrownBy(
            () -> Contents.read(new byte[] {(byte) 0xFF, (byte) 0xFE, 't', 0, '\n', 0}, STANDARD))
        .isInstanceOf(FileFormatException.class)
        .hasMessage("file:1: bytes in cell 1 that are no UTF-8");
  }

  @Test
  void refusesARowOverTheBoundBeforeItIsInMemory() throws IOException {
    try (CsvReader reader =
        new CsvReader(
            Source.of(Contents.endless("text\nok\n\"", 'x'), "file"), STANDARD, 1 << 20)) {
      assertThat(reader.next().text()).isEqualTo("ok");
      assertThatThrownBy(reader::hasNext)
          .isInstanceOf(FileFormatException.class)
          .hasMessage("file:3: a row of more than 1048576 bytes (a quote that is not closed?)");
      assertThat(reader.position()).isLessThan(2 << 20);
      assertThat(reader.hasNext()).isFalse();
    }
  }

  @Test
  void messagesDoNotEchoLongCells() {
    String name = "x".repeat(1_000_000);
    for (String content : List.of(name + "," + name, name + "\n1,2", "weight\n" + name)) {
      assertThatThrownBy(() -> Contents.read(content, STANDARD))
          .isInstanceOf(FileFormatException.class)
          .message()
          .hasSizeLessThan(1_100);
    }
  }

  @Test
  void refusesTooManyCells() {
    assertRefused("a,".repeat(10_000) + "a", STANDARD, "file:1: a row of more than 10000 cells");
  }

  @Test
  void readsARowOfTheBound() throws IOException {
    try (CsvReader reader =
        new CsvReader(
            Source.of(new ByteArrayInputStream(Contents.utf8("t,n\nabcd,ef\nabcd,efg\n")), "file"),
            STANDARD,
            6)) {
      assertThat(reader.next().tags().getFieldsCount()).isEqualTo(2);
      assertThatThrownBy(reader::next).hasMessageContaining("file:3: a row of more than 6 bytes");
    }
  }

  @Test
  void writesTheColumnsOfTheFirstDocument() throws IOException {
    Document first = Document.create().id("1").text("a, \"b\"\r\n").weight(0.5f).tag("x", 5);
    Document second = Document.create().id("2").tag("x", true);

    String content = Contents.write(List.of(first, second), STANDARD);

    assertThat(content)
        .isEqualTo("id,text,weight,tags__x\r\n1,\"a, \"\"b\"\"\r\n\",0.5,5\r\n2,,,true\r\n");
    assertThat(Contents.read(content, STANDARD.map("id", "-")).getFirst().text())
        .isEqualTo("a, \"b\"\r\n");
  }

  @Test
  void writesTheColumnsThatAreTold() throws IOException {
    Document document =
        Document.create().id("1").text("t").tag("n", 0.25).embedding(NdArray.of(new float[] {1}));

    assertThat(
            Contents.write(
                List.of(document), STANDARD.columns("answer", "n").map("answer", "text")))
        .isEqualTo("answer,n\r\nt,0.25\r\n");
    assertThat(Contents.write(List.of(document), STANDARD.withoutHeader("n", "x")))
        .isEqualTo("0.25,\r\n");
  }

  @Test
  void quotesWhatWouldBeReadOtherwise() throws IOException {
    CsvFormat only = STANDARD.withoutHeader("text");
    List<Document> documents =
        DocumentArray.of(Document.ofText("\uFEFFa"), Document.create(), Document.ofText("\uFEFF"));

    String content = Contents.write(documents, only);

    assertThat(content).isEqualTo("\"\uFEFFa\"\r\n\"\"\r\n\"\uFEFF\"\r\n");
    assertThat(Contents.read(content, only))
        .extracting(Document::text)
        .containsExactly("\uFEFFa", "", "\uFEFF");
    CsvFormat wide = STANDARD.delimiter("::").withoutHeader("text", "n");
    assertThat(
            Contents.read(Contents.write(List.of(Document.ofText("a:").tag("n", ":b")), wide), wide)
                .getFirst()
                .text())
        .isEqualTo("a:");
  }

  @Test
  void refusesToWriteWhatWouldBeLost() {
    Document first = Document.create().id("1").text("t");
    List<Document> others =
        List.of(
            Document.create().id("2").uri("u"),
            Document.create().id("2").tag("new", 1),
            Document.create().id("2").blob(ByteString.copyFromUtf8("b")),
            Document.create().id("2").embedding(NdArray.of(new float[] {1})),
            Document.create().id("2").score("cosine", Score.of(1)),
            Document.create().id("2").chunks(List.of(Document.ofText("c"))));

    for (Document other : others) {
      assertThatThrownBy(() -> Contents.write(List.of(first, other), STANDARD))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("document 2: ")
          .hasMessageEndingWith("(expected: columns that are told)");
    }
    Value nested = Value.newBuilder().setStructValue(Struct.getDefaultInstance()).build();
    assertThatThrownBy(
            () -> Contents.write(List.of(Document.create().id("1").tag("x", nested)), STANDARD))
        .hasMessage(
            "document 1: tag x, which is nested (expected: a text, number or boolean in a cell)");
  }

  @Test
  void refusesFormatsThatContradictThemselves() {
    assertThatThrownBy(() -> STANDARD.delimiter("")).hasMessageContaining("delimiter");
    assertThatThrownBy(() -> STANDARD.delimiter("\"")).hasMessageContaining("delimiter");
    assertThatThrownBy(() -> STANDARD.delimiter("\n")).hasMessageContaining("delimiter");
    assertThatThrownBy(() -> STANDARD.quote('\n')).hasMessageContaining("quote");
    assertThatThrownBy(() -> STANDARD.quote('ä')).hasMessageContaining("quote");
    assertThatThrownBy(STANDARD::withoutHeader).hasMessageContaining("columns: none");
    assertThatThrownBy(() -> STANDARD.map("a", "embedding"))
        .hasMessage(
            "column \"a\": mapped to \"embedding\" (expected: id, text, uri, mime_type, modality, parent_id, weight, offset, tags__name, tags__name:number, tags__name:boolean or -)");
    assertThatThrownBy(() -> STANDARD.map("a", "tags__:number"))
        .hasMessageContaining("a tag without a name");
  }
}
