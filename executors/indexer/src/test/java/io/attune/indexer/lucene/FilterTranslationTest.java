package io.attune.indexer.lucene;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ListValue;
import com.google.protobuf.NullValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.attune.document.Document;
import io.attune.document.NdArray;
import io.attune.document.query.Query;
import io.attune.indexer.filter.FilterQuery;
import io.attune.indexer.generation.Change;
import io.attune.indexer.generation.Generation;
import io.attune.indexer.generation.GenerationSpec;
import io.attune.indexer.generation.GraphOptions;
import io.attune.indexer.generation.Metric;
import io.attune.indexer.generation.RandomDocuments;
import io.attune.indexer.generation.View;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Filters answered by Lucene against the same filters on each document.
class FilterTranslationTest {
  private static final int DOCUMENTS = 300;
  private static final int QUERIES = 800;
  private static final List<String> FIELDS =
      List.of(
          "id",
          "text",
          "uri",
          "mime_type",
          "weight",
          "granularity",
          "tags",
          "tags__n",
          "tags__s",
          "tags__b",
          "tags__list",
          "tags__deep__x",
          "tags__deep__er__y",
          "tags__list__0",
          "tags__s__0",
          "tags__mixed",
          "tags__missing",
          "content",
          "tags__odd__1",
          "chunks",
          "embedding",
          "modality",
          "adjacency",
          "offset",
          "parent_id",
          "location",
          "content_type",
          "chunks__0__text",
          "tags__deep");
  private static final List<String> OPERATORS =
      List.of(
          "$eq", "$neq", "$lt", "$lte", "$gt", "$gte", "$in", "$nin", "$regex", "$size", "$exists");

  @TempDir Path folder;

  @Test
  void agreesWithEveryDocumentReadByItself() throws IOException {
    long seed = 4_711;
    Random random = new Random(seed);
    TreeMap<String, Document> documents = new TreeMap<>();
    GenerationSpec spec = new GenerationSpec("s", 2, Metric.EUCLIDEAN, GraphOptions.DEFAULT);
    try (Generation generation = new LuceneIndex().create(folder.resolve("g"), spec)) {
      List<Change> changes = new ArrayList<>();
      for (int i = 0; i < DOCUMENTS; i++) {
        Document document = document(random, "d" + random.nextInt(DOCUMENTS));
        documents.put(document.id(), document);
        changes.add(RandomDocuments.upsert(i + 1, document));
        if (i % 100 == 50) {
          generation.apply(changes);
          changes.clear();
          generation.view().close();
        }
      }
      generation.apply(changes);
      try (View view = generation.view()) {
        for (int i = 0; i < QUERIES; i++) {
          compare(random, documents, view, "seed " + seed + ", query " + i);
        }
      }
    }
  }

  private static void compare(
      Random random, Map<String, Document> documents, View view, String description)
      throws IOException {
    Struct struct = query(random, 2);
    Query query;
    try {
      query = Query.parse(struct);
    } catch (IllegalArgumentException _) {
      return; // not every combination is a query
    }
    List<String> expected =
        documents.values().stream().filter(query::matches).map(Document::id).toList();
    assertThat(view.filter(query, 0, DOCUMENTS))
        .as("%s: %s", description, struct)
        .extracting(content -> content.source().getId())
        .isEqualTo(expected);
  }

  private static Document document(Random random, String id) {
    Document document =
        Document.create().id(id).embedding(NdArray.of(new float[] {random.nextFloat(), 1}));
    if (random.nextBoolean()) {
      document.text(text(random));
    }
    if (random.nextBoolean()) {
      document.uri(text(random)).mimeType("text/" + text(random));
    }
    if (random.nextBoolean()) {
      document.weight(random.nextInt(5) - 2);
    }
    Struct.Builder tags = Struct.newBuilder();
    for (String key : List.of("n", "s", "b", "list", "mixed", "long")) {
      if (random.nextInt(3) > 0) {
        tags.putFields(key, tag(random, key));
      }
    }
    if (random.nextBoolean()) {
      tags.putFields(
          "deep",
          of(
              Struct.newBuilder()
                  .putFields("x", scalar(random))
                  .putFields("er", of(Struct.newBuilder().putFields("y", scalar(random)).build()))
                  .build()));
      tags.putFields("odd", of(Struct.newBuilder().putFields("1", scalar(random)).build()));
    }
    if (random.nextInt(4) == 0) {
      document
          .chunks()
          .add(
              Document.ofText("chunk")
                  .id(id + "-c")
                  .embedding(NdArray.of(new float[] {random.nextFloat(), 0})));
    }
    return document.tags(tags.build());
  }

  private static Value tag(Random random, String key) {
    return switch (key) {
      case "n" -> of(random.nextInt(7) - 3);
      case "s" -> of(text(random));
      case "b" -> Value.newBuilder().setBoolValue(random.nextBoolean()).build();
      case "list" -> list(random);
      case "long" -> of("x".repeat(2_000));
      default -> scalar(random);
    };
  }

  private static String text(Random random) {
    return List.of("", "a", "b", "ab", "é", "a b").get(random.nextInt(6));
  }

  private static Value list(Random random) {
    ListValue.Builder list = ListValue.newBuilder();
    for (int i = random.nextInt(3); i > 0; i--) {
      list.addValues(scalar(random));
    }
    return Value.newBuilder().setListValue(list).build();
  }

  private static Value scalar(Random random) {
    return switch (random.nextInt(6)) {
      case 0 -> of(text(random));
      case 1 -> Value.newBuilder().setBoolValue(random.nextBoolean()).build();
      case 2 -> Value.newBuilder().setNullValue(NullValue.NULL_VALUE).build();
      case 3 -> of(random.nextInt(5) / 2.0 - 1);
      case 4 -> of(-0.0);
      default -> of(random.nextInt(4));
    };
  }

  private static Struct query(Random random, int depth) {
    if (depth > 0 && random.nextInt(3) == 0) {
      Struct inner = query(random, depth - 1);
      Struct other = query(random, depth - 1);
      ListValue both = ListValue.newBuilder().addValues(of(inner)).addValues(of(other)).build();
      return switch (random.nextInt(3)) {
        case 0 -> object("$and", Value.newBuilder().setListValue(both).build());
        case 1 -> object("$or", Value.newBuilder().setListValue(both).build());
        default -> object("$not", of(inner));
      };
    }
    String operator = OPERATORS.get(random.nextInt(OPERATORS.size()));
    Value operand =
        switch (operator) {
          case "$in", "$nin" -> random.nextInt(5) == 0 ? of("{tags__list}") : list(random);
          case "$regex" -> of(List.of("a", "^b", "b$", ".", "").get(random.nextInt(5)));
          case "$size" -> of(random.nextInt(3));
          case "$exists" -> Value.newBuilder().setBoolValue(random.nextBoolean()).build();
          default -> random.nextInt(8) == 0 ? of("{tags__mixed}") : scalar(random);
        };
    return object(FIELDS.get(random.nextInt(FIELDS.size())), of(object(operator, operand)));
  }

  private static Struct object(String key, Value value) {
    return Struct.newBuilder().putFields(key, value).build();
  }

  private static Value of(Struct struct) {
    return Value.newBuilder().setStructValue(struct).build();
  }

  private static Value of(String text) {
    return Value.newBuilder().setStringValue(text).build();
  }

  private static Value of(double number) {
    return Value.newBuilder().setNumberValue(number).build();
  }

  @Test
  void survivesFiltersOfManyClauses() throws IOException {
    ListValue.Builder numbers = ListValue.newBuilder();
    ListValue.Builder clauses = ListValue.newBuilder();
    for (int i = 1; i < 5_000; i++) {
      if (i < 500) {
        clauses.addValues(of(object("tags__n", of(object("$eq", of(i))))));
      }
      numbers.addValues(of(i));
    }
    Value many = Value.newBuilder().setListValue(numbers).build();
    Value any = Value.newBuilder().setListValue(clauses).build();
    GenerationSpec spec = new GenerationSpec("s", 2, Metric.EUCLIDEAN, GraphOptions.DEFAULT);
    try (Generation generation = new LuceneIndex().create(folder.resolve("many"), spec)) {
      Document found = document(new Random(1), "found").tag("n", 499);
      Document other = document(new Random(1), "other").tag("n", 0);
      generation.apply(List.of(RandomDocuments.upsert(1, found), RandomDocuments.upsert(2, other)));
      try (View view = generation.view()) {
        for (Struct filter :
            List.of(object("tags__n", of(object("$in", many))), object("$or", any))) {
          assertThat(view.filter(Query.parse(filter), 0, 9))
              .extracting(content -> content.source().getId())
              .containsExactly("found");
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      value = {
        "{\"tags__n\": {\"$lt\": 3}} | true",
        "{\"tags__deep__x\": {\"$eq\": \"a\"}} | true",
        "{\"tags__s\": {\"$in\": [\"a\", \"b\", 1]}} | true",
        "{\"$or\": [{\"weight\": {\"$gte\": 0}}, {\"$not\": {\"tags__b\": {\"$eq\": true}}}]} | true",
        "{\"tags__x\": {\"$exists\": true}} | true",
        "{\"id\": {\"$in\": [\"a\"]}} | true",
        "{\"text\": {\"$regex\": \"a\"}} | false",
        "{\"tags__x\": {\"$size\": 2}} | false",
        "{\"tags__list__0\": {\"$eq\": 2}} | false",
      })
  void looksUpWhatItCan(String json, boolean isExact) {
    FilterQuery query = FilterQuery.of(RandomDocuments.query(json), LuceneFields.ID);
    assertThat(query.hasRest()).isEqualTo(!isExact);
  }
}
