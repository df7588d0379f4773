package io.attune.document.query;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.attune.document.Document;
import io.attune.document.DocumentArray;
import io.attune.document.Golden;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What docarray 0.21 finds (`golden_queries.py`). Where docarray raises on a document, only that
/// an answer comes is checked.
class QueryGoldenTest {
  private static DocumentArray documents;

  @BeforeAll
  static void readDocuments() {
    documents = Golden.array("query_documents.bin");
  }

  static Stream<Struct> queries() throws InvalidProtocolBufferException {
    return ListValue.parseFrom(Golden.bytes("queries.bin")).getValuesList().stream()
        .map(Value::getStructValue);
  }

  @ParameterizedTest
  @MethodSource("queries")
  void findsWhatDocarrayFinds(Struct golden) {
    String expected = golden.getFieldsOrThrow("expected").getStringValue();
    Query query = Query.parse(golden.getFieldsOrThrow("query"));

    StringBuilder actual = new StringBuilder();
    for (int i = 0; i < documents.size(); i++) {
      boolean matches = query.matches(documents.get(i));
      actual.append(expected.charAt(i) == 'E' ? 'E' : matches ? 'T' : 'F');
    }

    assertThat(actual.toString()).isEqualTo(expected);
  }

  @Test
  void whatDocarrayRaisesOnIsNoMatch() {
    Document document = Document.ofText("a").tag("x", "text").tag("2024", 5);

    assertThat(Query.parse(Queries.struct("tags__x", "$gt", Values.of(5))).matches(document))
        .isFalse();
    assertThat(Query.parse(Queries.struct("tags__x__y", "$exists", true)).matches(document))
        .isFalse();
    assertThat(Query.parse(Queries.struct("text__7", "$eq", Values.of("a"))).matches(document))
        .isFalse();
    assertThat(Query.parse(Queries.struct("tags__2024", "$eq", Values.of(5))).matches(document))
        .isTrue();
  }
}
