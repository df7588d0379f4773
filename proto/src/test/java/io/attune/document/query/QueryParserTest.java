package io.attune.document.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.attune.document.Document;
import io.attune.document.query.Query.And;
import io.attune.document.query.Query.Comparison;
import io.attune.document.query.Query.Literal;
import io.attune.document.query.Query.Placeholder;
import io.attune.document.query.Query.Relation;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QueryParserTest {
  private static final Value ONE = Values.of(1);
  private static final Struct PRICE_IS_1 = Queries.struct("tags__price", "$eq", ONE);

  private static void refuses(Struct query, String message) {
    assertThatThrownBy(() -> Query.parse(query))
        .isInstanceOf(QueryException.class)
        .hasMessage(message);
  }

  @Test
  void readsAComparison() {
    assertThat(Query.parse(PRICE_IS_1))
        .isEqualTo(
            new Comparison(
                new Field("tags__price", List.of("tags", "price")),
                Relation.EQUAL,
                new Literal(ONE)));
  }

  @Test
  void readsAPlaceholder() {
    Query query = Query.parse(Queries.struct("text", "$eq", Values.of("{ tags__name }")));

    assertThat(query)
        .isEqualTo(
            new Comparison(
                Field.of("text"), Relation.EQUAL, new Placeholder(Field.of("tags__name"))));
  }

  @Test
  void theEmptyQueryFitsEverything() {
    assertThat(Query.parse(Struct.getDefaultInstance()).matches(Document.create())).isTrue();
    assertThat(Query.parse(Values.NULL).matches(Document.create())).isTrue();
  }

  @Test
  void keysBesideAnOrAreJoinedByAndInAnyOrder() {
    Struct query =
        Struct.newBuilder()
            .putFields("$or", Queries.list(Values.of(PRICE_IS_1), Values.of(PRICE_IS_1)))
            .putFields("text", Values.of(Queries.struct("$eq", Values.of("a"))))
            .build();

    assertThat(Query.parse(query)).isInstanceOf(And.class);
    assertThat(Query.parse(query).matches(Document.ofText("a"))).isFalse();
    assertThat(Query.parse(query).matches(Document.ofText("b").tag("price", 1))).isFalse();
    assertThat(Query.parse(query).matches(Document.ofText("a").tag("price", 1))).isTrue();
  }

  @Test
  void namesAllOperatorsWhenOneIsUnknown() {
    refuses(
        Queries.struct("$and", Queries.list(Values.of(Queries.struct("weight", "$gtt", ONE)))),
        "$and[0].weight.$gtt: no operator (expected: $eq, $neq, $lt, $lte, $gt, $gte, $in, $nin,"
            + " $regex, $size, $exists, $and, $or, $not)");
  }

  @ParameterizedTest
  @ValueSource(strings = {"price", "tags.price", "", "__x", "embeddings", "Text"})
  void refusesAFieldThatNoDocumentHas(String field) {
    assertThatThrownBy(() -> Query.parse(Queries.struct(field, "$eq", ONE)))
        .isInstanceOf(QueryException.class)
        .hasMessageStartingWith(field + ": no field of a document (expected: id, text, tags,");
  }

  @Test
  void refusesAnOperatorWithoutAField() {
    refuses(
        Queries.struct("$eq", ONE),
        "$eq: an operator without a field (expected: {\"field\": {\"$eq\": …}})");
  }

  @Test
  void refusesAFieldWithoutOperators() {
    String expected = " (expected: an object of operators, such as {\"$eq\": 1})";
    refuses(Queries.struct("weight", ONE), "weight: 1" + expected);
    refuses(Queries.struct("weight", Values.NULL), "weight: null" + expected);
    refuses(
        Queries.struct("weight", Values.of(Struct.getDefaultInstance())),
        "weight: an empty object" + expected);
  }

  @ParameterizedTest
  @CsvSource({"$and", "$or", "$not"})
  void refusesALogicalOperatorWithoutQueries(String operator) {
    refuses(
        Queries.struct(operator, ONE), operator + ": 1 (expected: a list of queries, or a query)");
    refuses(Queries.struct(operator, Queries.list(ONE)), operator + "[0]: 1 (expected: an object)");
  }

  @Test
  void refusesWrongOperands() {
    refuses(
        Queries.struct("weight", "$exists", ONE), "weight.$exists: 1 (expected: true or false)");
    refuses(
        Queries.struct("text", "$size", Values.of(1.5)),
        "text.$size: 1.5 (expected: a whole number >= 0)");
    refuses(
        Queries.struct("text", "$size", Values.of(-1)),
        "text.$size: -1 (expected: a whole number >= 0)");
    refuses(
        Queries.struct("text", "$in", Values.of("abc")),
        "text.$in: \"abc\" (expected: a list, or a placeholder)");
    refuses(
        Queries.struct("weight", "$gt", Values.NULL),
        "weight.$gt: null (expected: a number, text, boolean or list)");
    refuses(
        Queries.struct("text", "$regex", ONE), "text.$regex: 1 (expected: a regular expression)");
  }

  @ParameterizedTest
  @ValueSource(strings = {"{", "{a b}", "{text} {uri}"})
  void refusesABrokenPlaceholder(String placeholder) {
    refuses(
        Queries.struct("text", "$eq", Values.of(placeholder)),
        "text.$eq: \"" + placeholder + "\" (expected: one placeholder such as \"{tags__price}\")");
  }

  @Test
  void refusesToCompareATensor() {
    refuses(
        Queries.struct("embedding", "$eq", Queries.list(ONE)),
        "embedding.$eq: compares a whole embedding (expected: $exists or $size)");
    refuses(
        Queries.struct("text", "$eq", Values.of("{embedding}")),
        "text.$eq: \"{embedding}\" (expected: a field that can be compared)");
    refuses(
        Queries.struct("embedding__0", "$eq", ONE),
        "embedding__0: a key below embedding (expected: $exists or $size on embedding)");
  }

  @Test
  void refusesADeepQuery() {
    Struct query = PRICE_IS_1;
    for (int i = 0; i <= QueryParser.MAX_DEPTH; i++) {
      query = Queries.struct("$not", Queries.list(Values.of(query)));
    }
    Struct deep = query;

    assertThatThrownBy(() -> Query.parse(deep))
        .isInstanceOf(QueryException.class)
        .hasMessageEndingWith("nested deeper than 32 (expected: at most 32 levels)");
    assertThat(Query.parse(deep.getFieldsOrThrow("$not").getListValue().getValues(0)))
        .isInstanceOf(Query.Not.class);
  }

  @Test
  void refusesTooManyConditions() {
    List<Value> many = Collections.nCopies(QueryParser.MAX_CLAUSES, Values.of(PRICE_IS_1));

    assertThatThrownBy(() -> Query.parse(Queries.struct("$or", Queries.list(many))))
        .isInstanceOf(QueryException.class)
        .hasMessageEndingWith("more than 1024 conditions (expected: at most 1024)");
  }

  @Test
  void refusesTooManyValues() {
    List<Value> many = Collections.nCopies(QueryParser.MAX_VALUES + 1, ONE);

    refuses(
        Queries.struct("weight", "$in", Queries.list(many)),
        "weight.$in: 65537 values (expected: at most 65536 values)");
  }

  @Test
  void refusesAQueryThatIsNoObject() {
    assertThatThrownBy(() -> Query.parse(Values.of("text")))
        .isInstanceOf(QueryException.class)
        .hasMessage("query: \"text\" (expected: an object)");
  }
}
