package io.attune.document.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.InvalidProtocolBufferException;
import io.attune.document.Document;
import io.attune.document.Golden;
import io.attune.document.NdArray;
import io.attune.document.json.DocumentJson.Unknown;
import io.attune.document.json.DocumentJson.Unset;
import io.attune.proto.docarray.DocumentArrayProto;
import io.attune.proto.docarray.DocumentProto;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;

class DocumentJsonTest {
  private static DocumentProto read(String json) {
    return DocumentJson.fromJson(json, Unknown.REFUSE);
  }

  private static Document document(String json) {
    return Document.from(read(json));
  }

  private static DocumentArrayProto array(String json) {
    try (JsonParser in = DocumentJson.factory().createParser(ObjectReadContext.empty(), json)) {
      return DocumentJson.readArray(in, Unknown.REFUSE);
    }
  }

  @Test
  void writesWhatDocarrayWrites() throws InvalidProtocolBufferException {
    DocumentArrayProto array = DocumentArrayProto.parseFrom(Golden.bytes("json_written.bin"));
    StringWriter text = new StringWriter();
    try (JsonGenerator out =
        DocumentJson.factory().createGenerator(ObjectWriteContext.empty(), text)) {
      DocumentJson.writeArray(out, array.getDocsList(), Unset.NULL);
    }

    assertThat(text.toString()).isEqualTo(Golden.text("json_written.json"));
  }

  @Test
  void readsWhatDocarrayReads() throws InvalidProtocolBufferException {
    DocumentArrayProto expected = DocumentArrayProto.parseFrom(Golden.bytes("json_read.bin"));

    List<DocumentProto> read =
        array(Golden.text("json_written.json")).getDocsList().stream()
            .filter(document -> !document.getId().equals("scalar"))
            .toList();

    assertThat(read).hasSameSizeAs(expected.getDocsList());
    for (int i = 0; i < read.size(); i++) {
      if (read.get(i).getId().equals("unsigned")) {
        continue; // past 2^63 - 1, where numpy has u8 and this reader f8
      }
      assertThat(PythonView.of(read.get(i))).isEqualTo(PythonView.of(expected.getDocs(i)));
    }
  }

  @Test
  void omitsWhatIsUnset() {
    DocumentProto document = Document.ofText("a").id("1").toProto();

    assertThat(DocumentJson.toJson(document, Unset.OMIT))
        .isEqualTo("{\"id\":\"1\",\"text\":\"a\"}");
  }

  @Test
  void writesFloatsWithTheFewestDigitsAndAScoreOfZero() {
    Document document = Document.create().id("1").embedding(NdArray.of(new float[] {0.1f, 1e10f}));
    document.score("cosine", io.attune.document.Score.of(0));

    assertThat(DocumentJson.toJson(document.toProto(), Unset.OMIT))
        .isEqualTo(
            "{\"id\":\"1\",\"embedding\":[0.1,1.0E10],\"scores\":{\"cosine\":{\"value\":0.0}}}");
  }

  @Test
  void theMarkOfTheSpaceSurvivesJson() {
    Document document =
        Document.create().embedding(NdArray.of(new float[] {0.1f, 3.4e38f, -Float.MIN_VALUE}), "s");

    Document read = document(DocumentJson.toJson(document.toProto(), Unset.NULL));

    assertThat(read.embeddingSpace()).contains("s");
  }

  @Test
  void takesCamelCaseToo() {
    assertThat(
            read(
                "{\"id\":\"1\",\"parentId\":\"p\",\"mimeType\":\"m\","
                    + "\"scores\":{\"c\":{\"value\":1,\"opName\":\"o\",\"refId\":\"r\"}}}"))
        .isEqualTo(
            read(
                "{\"id\":\"1\",\"parent_id\":\"p\",\"mime_type\":\"m\","
                    + "\"scores\":{\"c\":{\"value\":1,\"op_name\":\"o\",\"ref_id\":\"r\"}}}"));
  }

  @Test
  void takesATensorAsTheMessageOnTheWire() {
    Document document =
        document(
            "{\"tensor\":{\"dense\":{\"buffer\":\"AACAPwAAIEA=\",\"shape\":[2],\"dtype\":\"<f4\"},"
                + "\"clsName\":\"numpy\"}}");

    assertThat(document.tensor()).contains(NdArray.of(new float[] {1, 2.5f}));
  }

  @Test
  void givesAnIdWhereThereIsNone() {
    assertThat(read("{}").getId()).matches("[0-9a-f]{32}");
    assertThat(read("{\"id\":null}").getId()).matches("[0-9a-f]{32}");
  }

  @Test
  void unknownKeysBecomeTagsWhereAsked() {
    Document document =
        Document.from(
            DocumentJson.fromJson("{\"label\":\"x\",\"tags\":{\"a\":1},\"n\":[1]}", Unknown.TAG));

    assertThat(document.tags().getFieldsMap()).containsOnlyKeys("a", "label", "n");
  }

  @Test
  void theEmptyContentIsUnset() {
    assertThat(read("{\"text\":\"\",\"blob\":\"\",\"tensor\":[1]}").hasTensor()).isTrue();
    assertThat(read("{\"content\":\"a\"}").getText()).isEqualTo("a");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {"id":1}                   | 1, column 7: /id: 1 (expected: a text)
          {"text":{}}                | 1, column 9: /text: an object (expected: a text)
          {"weight":"x"}             | 1, column 11: /weight: "x" (expected: a number)
          {"weight":1e39}            | 1, column 11: /weight: 1e39 (expected: a number within +-3.4e38)
          {"granularity":-1}         | 1, column 16: /granularity: -1 (expected: a whole number from 0 to 2147483647)
          {"granularity":1.5}        | 1, column 16: /granularity: 1.5 (expected: a whole number from 0 to 2147483647)
          {"blob":"a"}               | 1, column 9: /blob: no base64: Input byte[] should at least have 2 bytes for base64 bytes (expected: base64)
          {"tags":[]}                | 1, column 9: /tags: a list (expected: an object)
          {"location":[1,"a"]}       | 1, column 16: /location/1: "a" (expected: a number)
          {"chunks":{}}              | 1, column 11: /chunks: an object (expected: a list)
          {"chunks":[1]}             | 1, column 12: /chunks/0: 1 (expected: an object)
          {"text":"a","blob":"AA=="} | 1, column 20: /blob: a second content (expected: one of text, blob and tensor)
          {"foo":1}                  | 1, column 8: /foo: unknown (expected: a field of a document)
          {"foo":null}               | 1, column 8: /foo: unknown (expected: a field of a document)
          {"tensor":"x"}             | 1, column 11: /tensor: "x" (expected: a number)
          {"tensor":[1,"x"]}         | 1, column 14: /tensor/1: "x" (expected: a number)
          {"tensor":[1,null]}        | 1, column 14: /tensor/1: null (expected: a number)
          {"tensor":[1,[2]]}         | 1, column 14: /tensor/1: a list (expected: lists of one depth)
          {"tensor":[[1],2]}         | 1, column 16: /tensor/1: 2 (expected: lists of one depth)
          {"tensor":[[1],[2,3]]}     | 1, column 20: /tensor/1: 2 elements (expected: 1, as the lists beside it)
          {"tensor":[[[1]],[]]}      | 1, column 19: /tensor/1: an empty list (expected: lists of one depth)
          {"scores":{"c":1}}         | 1, column 16: /scores/c: 1 (expected: an object)
          {"scores":{"c":{"x":1}}}   | 1, column 21: /scores/c/x: unknown (expected: value, op_name, description or ref_id)
          []                         | 1, column 1: json: a list (expected: an object)
          {} {}                      | 1, column 4: json: an object (expected: nothing after the document)
          """)
  void refusesWhatIsNoDocumentWithItsPlace(String json, String message) {
    assertThatThrownBy(() -> read(json))
        .isInstanceOf(JsonFormatException.class)
        .hasMessage("line " + message);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "{", "{\"text\":\"a", "{\"text\":}", "{'text':1}", "{\"a\":NaN}", "nul"})
  void refusesWhatIsNoJson(String json) {
    assertThatThrownBy(() -> read(json))
        .isInstanceOf(JsonFormatException.class)
        .hasMessageStartingWith("line ");
  }

  @Test
  void countsLines() {
    assertThatThrownBy(() -> read("{\n \"id\": \"a\",\n \"text\": 5}"))
        .hasMessage("line 3, column 10: /text: 5 (expected: a text)");
  }

  @Test
  void refusesDeepNesting() {
    String chunks = "{\"chunks\":[".repeat(33) + "{}" + "]}".repeat(33);
    assertThatThrownBy(() -> read(chunks))
        .isInstanceOf(JsonFormatException.class)
        .hasMessageEndingWith("nested deeper than 32 (expected: at most 32 levels)");

    String tags = "{\"tags\":" + "{\"a\":".repeat(17) + "1" + "}".repeat(18);
    assertThatThrownBy(() -> read(tags))
        .isInstanceOf(JsonFormatException.class)
        .hasMessageEndingWith("nested deeper than 16 (expected: at most 16 levels)");

    String lists = "{\"tensor\":" + "[".repeat(100_000);
    assertThatThrownBy(() -> read(lists))
        .isInstanceOf(JsonFormatException.class)
        .hasMessageContaining("at most 32 dimensions");
  }

  @Test
  void theDeepestDocumentThatIsReadCanBeParsedAgain() throws InvalidProtocolBufferException {
    String tags = "{\"a\":".repeat(16) + "1" + "}".repeat(16);
    String json = "{\"chunks\":[".repeat(31) + "{\"tags\":" + tags + "}" + "]}".repeat(31);
    DocumentProto document = read(json);

    assertThat(DocumentProto.parseFrom(document.toByteArray())).isEqualTo(document);
  }

  @Test
  void numbersThatJsonLacksAreTexts() {
    Document document =
        Document.create().id("1").embedding(NdArray.of(new float[] {Float.NaN, 1, -1f / 0}));

    String json = DocumentJson.toJson(document.toProto(), Unset.OMIT);

    assertThat(json).isEqualTo("{\"id\":\"1\",\"embedding\":[\"NaN\",1.0,\"-Infinity\"]}");
    assertThat(document(json).embedding().orElseThrow().floats())
        .containsExactly(Float.NaN, 1, Float.NEGATIVE_INFINITY);
  }
}
